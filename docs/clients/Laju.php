<?php

declare(strict_types=1);

/**
 * Client for PHP 8.0 and later, without dependencies. Copy this file into your project.
 *
 *   $laju = new Laju($url, $key, $secret);
 *   $order = $laju->order(['ref_id' => 'A-1', 'product_code' => 'XLD10', 'destination' => '0878...']);
 *
 * An order is safe to repeat: the same ref_id is one order for ever. So whatever does not answer
 * clearly (no connection, timeout, 429, 5xx) is sent again, with the same ref_id, until it does.
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
        return $this->call('GET', '/api/v1/transactions/' . $trxId);
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
            if ($status >= 400 && $status < 500 && $status !== 429 && is_array($answer)) {
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
     * as it arrived, header names are in small letters. Act once per webhook-id.
     */
    public static function isWebhook(array $headers, string $body, string $secret, ?int $now = null): bool
    {
        $timestamp = $headers['webhook-timestamp'] ?? '';
        if (!ctype_digit($timestamp) || abs(($now ?? time()) - (int) $timestamp) > 300) {
            return false;
        }
        $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
        $signed = ($headers['webhook-id'] ?? '') . ".$timestamp.$body";
        $right = 'v1,' . base64_encode(hash_hmac('sha256', $signed, (string) $key, true));
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
            if (hash_equals($right, $given)) {
                return true;
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
