// The objects of our sandbox against the types that Stripe publishes with its client: every field
// that a type has without a question mark has to be there, and no field may be there that the type
// does not have.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {after, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {closeConnections, control, sandboxUrl, stripeAt} from './sandbox.mjs';

const stripe = stripeAt(sandboxUrl);
const types = join(dirname(fileURLToPath(import.meta.resolve('stripe'))), 'resources');

// Of an interface in one of the declaration files: its own fields, and which of them may be absent.
function fieldsOf(file, path) {
    let text = readFileSync(join(types, `${file}.d.ts`), 'utf8');
    let indent = '';
    const names = path.split('.');
    for (const [depth, name] of names.entries()) {
        const kind = depth < names.length - 1 ? 'namespace' : 'interface';
        const start = text.search(new RegExp(`^${indent}(export )?(declare )?${kind} ${name} `, 'm'));
        assert.ok(start >= 0, `${file}: no ${kind} ${name}`);
        const end = text.indexOf(`\n${indent}}`, start);
        text = text.slice(start, end);
        text = text.slice(text.indexOf('\n'));
        indent += '    ';
    }
    const fields = new Map();
    for (const [, name, optional] of text.matchAll(new RegExp(`^${indent}(\\w+)(\\??):`, 'gm')))
        fields.set(name, optional === '?');
    assert.ok(fields.size > 1, `${file}: ${path} has no fields`);
    return fields;
}

function expectShape(object, file, path) {
    const fields = fieldsOf(file, path);
    const missing = [...fields].filter(([name, optional]) => !optional && !(name in object));
    assert.deepEqual(missing.map(([name]) => name), [], `${path}: missing`);
    const unknown = Object.keys(object).filter((name) => !fields.has(name));
    assert.deepEqual(unknown.filter((name) => name !== 'lastResponse'), [], `${path}: unknown`);
}

const payment = {
    amount: 1000,
    currency: 'usd',
    confirm: true,
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    automatic_payment_methods: {enabled: true, allow_redirects: 'never'},
};

test('the check sees what is wrong', () => {
    assert.throws(() => expectShape({id: 're_1'}, 'Refunds', 'Refund'), /missing/);
    const all = Object.fromEntries(fieldsOf('Refunds', 'Refund'));
    expectShape(all, 'Refunds', 'Refund');
    assert.throws(() => expectShape({...all, colour: 'red'}, 'Refunds', 'Refund'), /unknown/);
});

test('customers and cards', async () => {
    const customer = await stripe.customers.create({email: 'a@example.com'});
    expectShape(customer, 'Customers', 'Customer');
    expectShape(customer.invoice_settings, 'Customers', 'Customer.InvoiceSettings');
    const method = await stripe.paymentMethods.attach('pm_card_visa', {customer: customer.id});
    expectShape(method, 'PaymentMethods', 'PaymentMethod');
    expectShape(method.card, 'PaymentMethods', 'PaymentMethod.Card');
    expectShape(method.billing_details, 'PaymentMethods', 'PaymentMethod.BillingDetails');
    const setup = await stripe.setupIntents.create({customer: customer.id});
    expectShape(setup, 'SetupIntents', 'SetupIntent');
});

test('payments, charges, and the books', async () => {
    const paid = await stripe.paymentIntents.create({
        ...payment,
        expand: ['latest_charge.balance_transaction'],
    });
    expectShape(paid, 'PaymentIntents', 'PaymentIntent');
    const charge = paid.latest_charge;
    expectShape(charge, 'Charges', 'Charge');
    expectShape(charge.outcome, 'Charges', 'Charge.Outcome');
    expectShape(charge.payment_method_details.card, 'Charges', 'Charge.PaymentMethodDetails.Card');
    const line = charge.balance_transaction;
    expectShape(line, 'BalanceTransactions', 'BalanceTransaction');
    expectShape(line.fee_details[0], 'BalanceTransactions', 'BalanceTransaction.FeeDetail');
    expectShape(await stripe.balance.retrieve(), 'Balance', 'Balance');
    const declined = await stripe.paymentIntents
        .create({...payment, payment_method: 'pm_card_visa_chargeDeclined'})
        .catch((error) => error);
    expectShape(
        declined.payment_intent.last_payment_error,
        'PaymentIntents',
        'PaymentIntent.LastPaymentError',
    );
});

test('what goes back', async () => {
    const paid = await stripe.paymentIntents.create(payment);
    const refund = await stripe.refunds.create({payment_intent: paid.id, amount: 100});
    expectShape(refund, 'Refunds', 'Refund');
    const {id} = await control('disputes', {payment_intent: paid.id});
    const dispute = await stripe.disputes.retrieve(id);
    expectShape(dispute, 'Disputes', 'Dispute');
    expectShape(dispute.evidence, 'Disputes', 'Dispute.Evidence');
    expectShape(dispute.evidence_details, 'Disputes', 'Dispute.EvidenceDetails');
    expectShape(dispute.payment_method_details.card, 'Disputes', 'Dispute.PaymentMethodDetails.Card');
    const events = await stripe.events.list({limit: 1});
    expectShape(events.data[0], 'Events', 'EventBase');
});

after(closeConnections);
