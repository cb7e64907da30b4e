// Where the sandbox is, and its two languages: Stripe's, and its own for tests.

import {Agent} from 'node:http';
import Stripe from 'stripe';

export const sandboxUrl = new URL(process.argv[2]);

// The client would keep them, and the program with them.
const agent = new Agent({keepAlive: true});
export const closeConnections = () => agent.destroy();

export function stripeAt(url, options = {}, key = 'sk_test_sandbox') {
    return new Stripe(key, {
        host: url.hostname,
        port: url.port,
        protocol: 'http',
        telemetry: false,
        httpAgent: agent,
        ...options,
    });
}

export async function control(path, body, method = 'POST') {
    const response = await fetch(new URL(`/sandbox/${path}`, sandboxUrl), {
        method,
        body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
}
