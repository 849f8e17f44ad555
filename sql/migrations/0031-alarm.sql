-- What goes wrong, told to people: what is open since when, whom to tell and how, what was told.
-- A rule or a channel is few rows that staff keeps; alarms are what the process found.
-- Locks: creates; callback_inbox against writes while an index on few rows is built.

-- Only what differs from the usual, which stands in services/alarm/conditions.ts.
create table alarm_rule (
  code       text primary key,
  active     boolean not null,
  severity   text not null check (severity in ('info', 'warning', 'critical')),
  threshold  bigint not null check (threshold >= 0),
  hold_s     integer not null check (hold_s between 0 and 86400),
  updated_at timestamptz not null
);

create table alarm_channel (
  name         text primary key,
  kind         text not null check (kind in ('webhook', 'chat')),
  url          text,                                     -- of a webhook
  secret       text,                                     -- sealed; of a webhook
  gateway      text references chat_gateway (name),      -- of chat
  address      text,                                     -- phone from 62, or chat id
  min_severity text not null check (min_severity in ('info', 'warning', 'critical')),
  quiet_from   smallint check (quiet_from between 0 and 1439),   -- minute of the day in its zone
  quiet_until  smallint check (quiet_until between 0 and 1439),
  zone         text not null,
  wakes        boolean not null,                       -- critical ones come in quiet hours as well
  active       boolean not null,
  told_at      timestamptz,                              -- the last message: one a minute
  created_at   timestamptz not null,
  check ((kind = 'webhook') = (url is not null and secret is not null)),
  check ((kind = 'chat') = (gateway is not null and address is not null)),
  check ((quiet_from is null) = (quiet_until is null))
);

create table alarm (
  id          bigint generated always as identity primary key,
  code        text not null,
  subject     text not null,                             -- what it is about; empty: the whole
  about       text not null,                             -- the same in words
  severity    text not null,
  state       text not null default 'open',              -- open | acknowledged | resolved
  value       bigint not null,                           -- as last seen, in the unit of its code
  threshold   bigint not null,
  since       timestamptz not null,
  gone_at     timestamptz,                               -- not found any more since then
  resolved_at timestamptz,
  acked_by    text,
  acked_at    timestamptz,
  ack_reason  text,
  muted_until timestamptz
);
create unique index alarm_open on alarm (code, subject) where state <> 'resolved';
create index alarm_former on alarm (code, subject, id);

-- What a channel was told of an alarm.
create table alarm_notice (
  alarm_id bigint not null references alarm (id) on delete cascade,
  channel  text not null references alarm_channel (name) on delete cascade,
  told     smallint not null,                            -- how often
  next_at  timestamptz not null,                         -- when again, while it is open
  closed   boolean not null default false,               -- that it is over was told, or need not be
  primary key (alarm_id, channel)
);
create index alarm_notice_open on alarm_notice (alarm_id) where not closed;

-- Written with the notices, in one write: what stands here was told once, also after a crash.
create table alarm_message (
  id         bigint generated always as identity primary key,
  channel    text not null references alarm_channel (name) on delete cascade,
  body       text not null,                              -- the text; of a webhook the bytes
  alarms     bigint[] not null,
  state      text not null,                              -- waiting | sent | failed | handed
  tries      smallint not null default 0,
  due_at     timestamptz not null,
  problem    text,
  created_at timestamptz not null,
  ended_at   timestamptz
);
create index alarm_message_waiting on alarm_message (due_at) where state = 'waiting';

-- Who did what: with alarms, rules and channels.
create table alarm_history (
  id       bigint generated always as identity primary key,
  alarm_id bigint,
  subject  text not null,                                -- a code, or a channel's name
  what     text not null,
  by       text not null,                                -- empty: by itself
  reason   text not null,
  fields   jsonb not null,
  at       timestamptz not null
);
create index alarm_history_alarm on alarm_history (alarm_id, id) where alarm_id is not null;

-- Forged ones are few, unless somebody tries.
create index callback_inbox_forged on callback_inbox (received_at) where verdict like 'forged%';
