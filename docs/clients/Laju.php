<?php

declare(strict_types=1);

/**
 * Client for PHP 8.0 and later, without dependencies. Copy this file into your project.
 *
 *   $laju = new Laju($url, $key, $secret);
 *   $order = $laju->order(['ref_id' => 'A-1', 'product_code' => 'XLD10', 'destination' => '0878...']);
 *
 * An order is safe to repeat: the same ref_id is one order for ever. So whatever does not answer
 * clearly (no connection, timeout, 408, 429, 5xx) is sent again, with the same ref_id, until it
 * does. A clear no is never repeated.
 */
final class Laju
{
    /** @param callable(float):void|null $pause waits so many seconds */
    public function __construct(
        private string $url,
        private string $key,
        private string $secret,
        private int $tries = 6,
        private int $timeout = 15,
        private $pause = null,
    ) {
        $this->url = rtrim($url, '/');
        $this->pause = $pause ?? static fn (float $seconds) => usleep((int) ($seconds * 1e6));
    }

    /** Places an order, or finds the one that this ref_id is. */
    public function order(array $order): array
    {
        return $this->call('POST', '/api/v1/transactions', $order);
    }

    public function find(string $refId): array
    {
        return $this->call('GET', '/api/v1/transactions?ref_id=' . rawurlencode($refId));
    }

    public function read(string $trxId): array
    {
        return $this->call('GET', '/api/v1/transactions/' . rawurlencode($trxId));
    }

    /** Looks at a bill, or at whose meter it is. Moves no money. */
    public function inquiry(array $wish): array
    {
        return $this->call('POST', '/api/v1/transactions/inquiry', $wish);
    }

    /** Pays a bill as it was looked at; its price can't have changed, and it is paid once. */
    public function pay(string $refId, array $bill): array
    {
        $named = array_flip(['product_code', 'destination', 'inquiry_token']);
        return $this->order(['ref_id' => $refId] + array_intersect_key($bill, $named));
    }

    /** Many orders at once: ['ref_id' =>, 'rows' =>]; the same list again is the same list. */
    public function bulk(array $list): array
    {
        return $this->call('POST', '/api/v1/transactions/bulk', $list);
    }

    /** How far the list is, and its rows after number $after. */
    public function bulkRead(string $bulkId, int $after = 0): array
    {
        $path = '/api/v1/transactions/bulk/' . rawurlencode($bulkId);
        return $this->call('GET', "$path?after=$after");
    }

    /**
     * What happened after the place $after, oldest first, for as long as there is more. Keep the id
     * of the last event that you have worked, and begin there the next time.
     */
    public function events(string $after = '0'): Generator
    {
        do {
            $path = '/api/v1/events?after=' . rawurlencode($after) . '&limit=100';
            $page = $this->call('GET', $path);
            foreach ($page['events'] as $event) {
                yield $event;
            }
            $after = $page['next'];
        } while ($page['more']);
    }

    public function balance(): array
    {
        return $this->call('GET', '/api/v1/balance');
    }

    private function call(string $method, string $path, ?array $body = null): array
    {
        $text = $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR);
        $retryAfter = 0.0;
        for ($attempt = 0; $attempt < $this->tries; $attempt++) {
            if ($attempt > 0) {
                // Twice as long each time, at most half a minute, never all clients at once.
                $backoff = min(30.0, 0.5 * 2 ** $attempt) * (0.5 + mt_rand() / mt_getrandmax() / 2);
                ($this->pause)(max($retryAfter, $backoff));
            }
            [$status, $answer, $retryAfter] = $this->once($method, $path, $text);
            if ($status === 200 && is_array($answer)) {
                return $answer['data'];
            }
            $isNo = $status >= 400 && $status < 500 && $status !== 408 && $status !== 429;
            if ($isNo && is_array($answer)) {
                throw new LajuRefused($answer);
            }
        }
        throw new LajuUnknown('no clear answer; repeat with the same ref_id');
    }

    /** @return array{int, ?array, float} status (0 when nothing came), answer, seconds to wait */
    private function once(string $method, string $path, string $text): array
    {
        // Signed anew each time: a timestamp is good for five minutes only.
        $timestamp = (string) time();
        $signature = hash_hmac('sha256', "$timestamp.$method.$path.$text", $this->secret);
        $headers = "X-Api-Key: {$this->key}\r\nX-Timestamp: $timestamp\r\nX-Signature: $signature\r\n";
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => $headers . ($text === '' ? '' : "Content-Type: application/json\r\n"),
            'content' => $text,
            'timeout' => $this->timeout,
            'ignore_errors' => true,
            'follow_location' => 0,
        ]]);
        $body = @file_get_contents($this->url . $path, false, $context);
        $lines = $http_response_header ?? [];
        if ($body === false || !preg_match('#^HTTP/\S+ (\d+)#', $lines[0] ?? '', $found)) {
            return [0, null, 0.0];
        }
        $retryAfter = 0.0;
        foreach ($lines as $line) {
            if (preg_match('/^Retry-After: *(\d+)/i', $line, $asked)) {
                $retryAfter = (float) $asked[1];
            }
        }
        $answer = json_decode($body, true);
        return [(int) $found[1], is_array($answer) ? $answer : null, $retryAfter];
    }

    /**
     * Whether a webhook in the Standard Webhooks shape is ours and fresh. $body is the text exactly
     * as it arrived, header names are in small letters. While a secret is changed, each message bears
     * a signature by the new and by the old one: give whichever you have, or an array of both. Act
     * once per webhook-id.
     */
    public static function isWebhook(
        array $headers,
        string $body,
        string|array $secrets,
        ?int $now = null,
    ): bool
    {
        $timestamp = $headers['webhook-timestamp'] ?? '';
        if (!ctype_digit($timestamp) || abs(($now ?? time()) - (int) $timestamp) > 300) {
            return false;
        }
        $signed = ($headers['webhook-id'] ?? '') . ".$timestamp.$body";
        foreach ((array) $secrets as $secret) {
            $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
            if (!$key) {
                continue;
            }
            $right = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
            foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
                if (hash_equals($right, $given)) {
                    return true;
                }
            }
        }
        return false;
    }
}

/** A clear no: nothing will come of this request as it is. */
final class LajuRefused extends RuntimeException
{
    public function __construct(public array $answer)
    {
        parent::__construct(($answer['error_code'] ?? '') . ': ' . ($answer['message'] ?? ''));
    }
}

/** Nobody knows: the order may stand. Repeat with the same ref_id; never refund. */
final class LajuUnknown extends RuntimeException
{
}
