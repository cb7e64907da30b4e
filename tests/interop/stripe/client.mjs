// Stripe's official client against our sandbox: what it sends is understood, what it gets back is
// what it expects, and what our webhooks sign it verifies.
//
//   node client.mjs http://127.0.0.1:PORT

import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {after, before, test} from 'node:test';
import {closeConnections, control, sandboxUrl, stripeAt} from './sandbox.mjs';
import Stripe from 'stripe';

const stripe = stripeAt(sandboxUrl);
const withoutRetries = stripeAt(sandboxUrl, {maxNetworkRetries: 0});

const payment = {
    amount: 1000,
    currency: 'usd',
    confirm: true,
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    automatic_payment_methods: {enabled: true, allow_redirects: 'never'},
};

// The error that a call fails with.
async function failure(call) {
    try {
        await call;
    } catch (error) {
        return error;
    }
    assert.fail('it should have failed');
}

const script = (...faults) => control('faults', {script: faults});

before(() => control('data', undefined, 'DELETE'));

test('a customer is made, read, changed, deleted', async () => {
    const made = await stripe.customers.create({
        email: 'user-a@example.com',
        name: 'Jos\u00e9 & S\u00f6hne, 50 %',
        address: {country: 'BE', line1: 'Kerkstraat 1'},
        preferred_locales: ['nl', 'fr'],
        metadata: {account: 'user-a', 'a key': 'with = and &'},
    });
    assert.match(made.id, /^cus_/);
    assert.equal(made.name, 'Jos\u00e9 & S\u00f6hne, 50 %');
    assert.deepEqual(made.metadata, {account: 'user-a', 'a key': 'with = and &'});
    assert.deepEqual(made.preferred_locales, ['nl', 'fr']);
    assert.equal(made.address.country, 'BE');
    assert.equal(made.lastResponse.apiVersion, '2026-10-28.endive');
    assert.ok(made.lastResponse.requestId);
    const changed = await stripe.customers.update(made.id, {metadata: {account: ''}, name: 'B'});
    assert.deepEqual(changed.metadata, {'a key': 'with = and &'});
    assert.equal((await stripe.customers.retrieve(made.id)).name, 'B');
    assert.equal((await stripe.customers.del(made.id)).deleted, true);
    assert.equal((await stripe.customers.retrieve(made.id)).deleted, true);
});

test('a card is saved and charged without its owner', async () => {
    const customer = await stripe.customers.create();
    const setup = await stripe.setupIntents.create({
        customer: customer.id,
        usage: 'off_session',
        payment_method: 'pm_card_visa',
        confirm: true,
        allowed_payment_method_types: ['card'],
        expand: ['payment_method'],
    });
    assert.equal(setup.status, 'succeeded');
    assert.equal(setup.payment_method.card.last4, '4242');
    const cards = await stripe.customers.listPaymentMethods(customer.id, {type: 'card'});
    assert.equal(cards.data.length, 1);
    const paid = await stripe.paymentIntents.create({
        ...payment,
        customer: customer.id,
        payment_method: cards.data[0].id,
        off_session: true,
        payment_method_options: {card: {stored_credential_usage: 'recurring'}},
        expand: ['latest_charge.balance_transaction'],
    });
    assert.equal(paid.status, 'succeeded');
    assert.equal(paid.latest_charge.balance_transaction.fee, 59);
    assert.equal(paid.latest_charge.outcome.type, 'authorized');
    await stripe.paymentMethods.detach(cards.data[0].id);
    const again = await failure(
        stripe.paymentMethods.attach(cards.data[0].id, {customer: customer.id}),
    );
    assert.ok(again instanceof Stripe.errors.StripeInvalidRequestError);
});

test('a hold is captured in part, refunded in part', async () => {
    const held = await stripe.paymentIntents.create({
        ...payment,
        capture_method: 'manual',
        expand: ['latest_charge'],
    });
    assert.equal(held.status, 'requires_capture');
    const before = held.latest_charge.payment_method_details.card.capture_before;
    assert.equal(before - held.latest_charge.created, 7 * 24 * 3600);
    const captured = await stripe.paymentIntents.capture(held.id, {amount_to_capture: 600});
    assert.equal(captured.amount_received, 600);
    const twice = await failure(stripe.paymentIntents.capture(held.id));
    assert.equal(twice.code, 'payment_intent_unexpected_state');
    assert.equal(twice.payment_intent.id, held.id);
    const refund = await stripe.refunds.create({
        payment_intent: held.id,
        amount: 100,
        reason: 'requested_by_customer',
    });
    assert.equal(refund.status, 'succeeded');
    const rest = await stripe.refunds.create({payment_intent: held.id});
    assert.equal(rest.amount, 500);
    const charge = await stripe.charges.retrieve(captured.latest_charge, {expand: ['refunds']});
    assert.equal(charge.refunded, true);
    assert.deepEqual(
        charge.refunds.data.map((one) => one.id),
        [rest.id, refund.id],
    );
    const nothing = await failure(stripe.refunds.create({payment_intent: held.id}));
    assert.equal(nothing.code, 'charge_already_refunded');
    const cancelled = await stripe.paymentIntents.cancel(
        (await stripe.paymentIntents.create({...payment, capture_method: 'manual'})).id,
        {cancellation_reason: 'abandoned'},
    );
    assert.equal(cancelled.status, 'canceled');
});

test('errors come as the classes they are', async () => {
    const declined = await failure(
        stripe.paymentIntents.create({
            ...payment,
            payment_method: 'pm_card_chargeDeclinedInsufficientFunds',
        }),
    );
    assert.ok(declined instanceof Stripe.errors.StripeCardError);
    assert.equal(declined.code, 'card_declined');
    assert.equal(declined.decline_code, 'insufficient_funds');
    assert.equal(declined.payment_intent.status, 'requires_payment_method');
    assert.match(declined.charge, /^ch_/);

    const missing = await failure(stripe.customers.retrieve('cus_nobody'));
    assert.ok(missing instanceof Stripe.errors.StripeInvalidRequestError);
    assert.equal(missing.statusCode, 404);
    assert.equal(missing.code, 'resource_missing');

    const unknown = await failure(
        stripe.paymentIntents.create({...payment, payment_method_types: ['card']}),
    );
    assert.equal(unknown.code, 'parameter_unknown');
    assert.equal(unknown.param, 'payment_method_types');

    const stranger = await failure(
        stripeAt(sandboxUrl, {}, 'sk_test_other').balance.retrieve(),
    );
    assert.ok(stranger instanceof Stripe.errors.StripeAuthenticationError);

    await script({operation: 'payment_intents.create', kind: 'error', status: 403});
    const forbidden = await failure(withoutRetries.paymentIntents.create(payment));
    assert.ok(forbidden instanceof Stripe.errors.StripePermissionError);

    await script({operation: 'payment_intents.create', kind: 'rate_limit'});
    const limited = await failure(withoutRetries.paymentIntents.create(payment));
    assert.ok(limited instanceof Stripe.errors.StripeRateLimitError);

    await script({operation: 'payment_intents.create', kind: 'error'});
    const broken = await failure(withoutRetries.paymentIntents.create(payment));
    assert.ok(broken instanceof Stripe.errors.StripeAPIError);

    // The client repeats once by itself: a connection that was kept may have ended meanwhile.
    await script({operation: 'payment_intents.create', kind: 'cut_before', times: 2});
    const cut = await failure(withoutRetries.paymentIntents.create(payment));
    assert.ok(cut instanceof Stripe.errors.StripeConnectionError);

    await stripe.paymentIntents.create(payment, {idempotencyKey: 'used'});
    const reused = await failure(
        stripe.paymentIntents.create({...payment, amount: 2000}, {idempotencyKey: 'used'}),
    );
    assert.ok(reused instanceof Stripe.errors.StripeIdempotencyError);
});

test('a payer authenticates', async () => {
    const absent = await failure(
        stripe.paymentIntents.create({
            ...payment,
            payment_method: 'pm_card_authenticationRequired',
            off_session: true,
        }),
    );
    assert.equal(absent.statusCode, 402);
    assert.equal(absent.code, 'authentication_required');
    const present = await stripe.paymentIntents.confirm(absent.payment_intent.id, {
        payment_method: 'pm_card_threeDSecure2Required',
        return_url: 'https://shop.example/back',
    });
    assert.equal(present.status, 'requires_action');
    assert.equal(present.next_action.type, 'redirect_to_url');
    await control(`challenges/${present.id}`, {outcome: 'succeeded'});
    assert.equal((await stripe.paymentIntents.retrieve(present.id)).status, 'succeeded');
});

test('the client repeats with the same key, and one payment is made', async () => {
    for (const kind of ['cut_after', 'conflict', 'cut_before']) {
        await script({operation: 'payment_intents.create', kind});
        const before = await stripe.paymentIntents.list({limit: 1});
        const paid = await stripe.paymentIntents.create(payment);
        assert.equal(paid.status, 'succeeded', kind);
        const since = await stripe.paymentIntents.list({ending_before: before.data[0].id});
        assert.equal(since.data.length, 1, kind);
        const replayed = paid.lastResponse.headers['idempotent-replayed'];
        assert.equal(replayed, kind === 'cut_after' ? 'true' : undefined, kind);
    }
});

test('lists are walked to their end', async () => {
    const customer = await stripe.customers.create();
    const made = [];
    for (let i = 0; i < 7; ++i) {
        made.unshift(
            (
                await stripe.paymentIntents.create({
                    ...payment,
                    customer: customer.id,
                    metadata: {order: `o-${i}`},
                })
            ).id,
        );
    }
    const walked = [];
    for await (const intent of stripe.paymentIntents.list({customer: customer.id, limit: 3}))
        walked.push(intent.id);
    assert.deepEqual(walked, made);
    const found = [];
    const query = `customer:'${customer.id}' AND -metadata['order']:'o-3'`;
    for await (const intent of stripe.paymentIntents.search({query, limit: 2}))
        found.push(intent.id);
    assert.deepEqual(found, made.filter((id) => id !== made[3]));
    const page = await stripe.customers.list({limit: 1, created: {gte: 1}});
    assert.equal(page.data.length, 1);
});

test('a dispute is answered and won', async () => {
    const paid = await stripe.paymentIntents.create(payment);
    const {id} = await control('disputes', {payment_intent: paid.id});
    const answered = await stripe.disputes.update(id, {
        evidence: {uncategorized_text: 'winning_evidence', product_description: 'a server'},
        metadata: {case: 'c1'},
    });
    assert.equal(answered.status, 'under_review');
    await control('clock', {advance_seconds: 1});
    const won = await stripe.disputes.retrieve(id, {expand: ['charge']});
    assert.equal(won.status, 'won');
    assert.equal(won.balance_transactions.length, 2);
    assert.equal(won.charge.disputed, true);
});

test('the balance is the sum of its transactions', async () => {
    let sum = 0;
    for await (const line of stripe.balanceTransactions.list({limit: 100})) sum += line.net;
    const balance = await stripe.balance.retrieve();
    assert.equal(balance.available[0].amount + balance.pending[0].amount, sum);
});

test('what is delivered can be verified', async (context) => {
    const secret = 'whsec_interop';
    const received = [];
    let arrived;
    const receiver = createServer((request, response) => {
        const parts = [];
        request.on('data', (part) => parts.push(part));
        request.on('end', () => {
            received.push({
                body: Buffer.concat(parts),
                signature: request.headers['stripe-signature'],
            });
            response.end();
            if (received.length === 3) arrived();
        });
    });
    await new Promise((ready) => receiver.listen(0, '127.0.0.1', ready));
    context.after(() => receiver.close());
    const url = `http://127.0.0.1:${receiver.address().port}/`;
    const endpoint = await control('webhook_endpoints', {url, secret});
    context.after(() => control(`webhook_endpoints/${endpoint.id}`, undefined, 'DELETE'));
    const all = new Promise((done) => (arrived = done));
    // Its clock says what time it was signed; the client compares that with its own.
    await control('clock', {now: Math.floor(Date.now() / 1000)});
    const paid = await stripe.paymentIntents.create(payment, {idempotencyKey: 'hooked'});
    await all;
    const events = received.map(({body, signature}) =>
        stripe.webhooks.constructEvent(body, signature, secret),
    );
    assert.deepEqual(
        events.map((event) => event.type),
        ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded'],
    );
    assert.equal(events[2].data.object.id, paid.id);
    assert.equal(events[2].request.idempotency_key, 'hooked');
    assert.equal((await stripe.events.retrieve(events[2].id)).type, events[2].type);
    assert.throws(
        () => stripe.webhooks.constructEvent(received[0].body, received[0].signature, 'whsec_x'),
        Stripe.errors.StripeSignatureVerificationError,
    );
    const changed = Buffer.from(received[0].body);
    changed[changed.length - 2] ^= 1;
    assert.throws(
        () => stripe.webhooks.constructEvent(changed, received[0].signature, secret),
        Stripe.errors.StripeSignatureVerificationError,
    );
});

after(async () => {
    await control('faults', undefined, 'DELETE');
    closeConnections();
});
