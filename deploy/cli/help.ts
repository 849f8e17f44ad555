/** Every verb, as it is told to who asks or mistypes. */

export const help = `npm run laju -- <verb>

  verify [--json]                         read the whole journal again, independently
  migrate                                 bring the database to this version
  user create [--name N] [--level L] [--rate R] [--ip LIST] [--deposit RP] [--count N] [--json]
                                          LIST is addresses and ranges: 10.0.0.1,203.0.113.0/24
  user change --username U [--name N] [--level L] [--rate R] [--ip LIST] [--by WHO]
                                          an empty LIST lets it come from anywhere again
  user rotate --username U [--json]       new keys; the old ones stop at once
  user login --username U [--json]        a new PIN and password; the old ones stop at once
  user suspend|activate|close --username U [--reason T] [--by WHO]
                                          what is closed stays so; closing asks the running engine,
                                          and is refused while the client has money with us
  person create --email E --name N --role admin|finance|ops|support|viewer [--json]
  person create --email E --name N --merchant ID [--role owner|finance|ops|viewer] [--json]
                                          who logs in at the desk of the soundbox line; the
                                          password is shown once
  person rotate --email E [--json]        a new password; the old one and its sessions end
  person totp --email E [--by WHO]        takes the second factor from who lost telephone and codes
  device provision --vendor V --name MODEL [--acks played|received|none] [--adapter A]
                   [--serial S] [--terminal ID] [--json]
                                          asks the running engine; the secret is shown once
  device rotate --device ID [--grace SECONDS] [--json]
                                          a new secret; the old one stops at once, or later
  device acl-check FILE                   which lines of a Mosquitto ACL file let a box reach what
                                          is not its own
  deposit --username U --amount RP --ref R [--note T]
  order resolve <trx_id> --verdict success|failed|refund|accept_loss|dismiss --reason T
                         [--sn SN] [--by WHO] [--supplier-returned]
  order hold|release|recheck <trx_id> --reason T [--by WHO]
  order reroute <trx_id> --reason T [--supplier S] [--not-sold] [--by WHO]
                                          to S, or to whom routing chooses; --not-sold is your word
                                          that the attempt of which nobody knows was not sold
  rebuild                                 fold the read models again from the first line
  closing [--json]                        the closed days, each computed again from the journal
  backup [--to FOLDER] [--json]           everything of one moment, while the engine goes on; into
                                          a folder of DATA_DIR/backups; without the master key
  restore plan FOLDER [--json]            what a restore would do here, and what stands in its way
  restore validate FOLDER [--json]        restores into a database of its own, verifies it, drops it
  restore run FOLDER                      into a database in which nothing is yet
  export journal|orders|mutations [--from T] [--to T] [--username U]
                                          lines of JSON (journal) or safe CSV to stdout; T is a
                                          day in Jakarta or a time with its zone, and what is
                                          recorded at the second one is no longer in it
  replay --what-if FILE [--from T] [--to T] [--json]
                                          recorded orders under other routing rules and prices;
                                          FILE is {"rules", "prices", "costs"}; it only reads
`
