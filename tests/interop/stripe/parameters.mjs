// What our adapter sends against the parameters that Stripe's client declares for the version of the
// API that we speak: the compiler refuses names and values that there are not, at any depth, where
// Stripe's mock looks only at the outermost and describes an older version.
//
//   node parameters.mjs STRIPE_REQUESTS

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

const types = {
    confirm: (path) =>
        path.endsWith('/confirm') ? 'PaymentIntentConfirmParams' : 'PaymentIntentCreateParams',
    capture: () => 'PaymentIntentCaptureParams',
    cancel: () => 'PaymentIntentCancelParams',
    refund: () => 'RefundCreateParams',
    accept_dispute: () => 'DisputeCloseParams',
    submit_evidence: () => 'DisputeUpdateParams',
    make_customer: () => 'CustomerCreateParams',
    set_up_card: () => 'SetupIntentCreateParams',
    cancel_setup: () => 'SetupIntentCancelParams',
    detach_card: () => 'PaymentMethodDetachParams',
    find_intent: () => 'PaymentIntentSearchParams',
    read_intent: () => 'PaymentIntentRetrieveParams',
    read_refunds: () => 'RefundListParams',
    read_dispute: () => 'DisputeRetrieveParams',
    read_setup: () => 'SetupIntentRetrieveParams',
    find_setup: () => 'SetupIntentListParams',
    read_fee: () => 'BalanceTransactionRetrieveParams',
};

// "a[b]=true&c[0]=1" is {a: {b: true}, c: [1]}; metadata are texts.
function parse(form) {
    const all = {};
    for (const pair of form.split('&').filter(Boolean)) {
        const [name, value] = pair.split('=').map(decodeURIComponent);
        const path = name.replaceAll(']', '').split('[');
        const last = path.pop();
        let place = all;
        path.forEach((part, depth) => {
            place = place[part] ??= /^\d+$/.test(path[depth + 1] ?? last) ? [] : {};
        });
        const plain = path[0] === 'metadata' || !/^(true|false|\d+)$/.test(value);
        place[last] = plain ? value : JSON.parse(value);
    }
    return all;
}

// The client leaves its enumerations open for values that Stripe may add. In this copy they end.
const shared = join(dirname(fileURLToPath(import.meta.resolve('stripe'))), 'shared.d.ts');
const open = readFileSync(shared, 'utf8');
const closed = open.replace(/^(export type OtherString =).*$/m, '$1 never;');
assert.notEqual(closed, open, 'enumerations are open in another way');
writeFileSync(shared, closed);

// What the compiler says of constants of these types: which of them, and why.
function complaints(constants) {
    const lines = constants.map(
        ([type, value], i) => `export const c${i}: Stripe.${type} = ${JSON.stringify(value)};`,
    );
    const source = 'parameters.ts';
    writeFileSync(source, ["import Stripe from 'stripe';", ...lines].join('\n'));
    const program = ts.createProgram([source], {
        noEmit: true,
        strict: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    return ts.getPreEmitDiagnostics(program).map(({messageText, file, start}) => {
        const which = file ? file.getLineAndCharacterOfPosition(start).line - 1 : -1;
        const why = ts.flattenDiagnosticMessageText(messageText, ' ');
        return {which, text: `${lines[which]?.slice(0, 400)}: ${why}`};
    });
}

test('all parameters are what they are declared to be', () => {
    const right = {amount: 1000, currency: 'usd'};
    const wrong = [
        ['PaymentIntentCreateParams', {...right, colour: 'red'}],
        ['PaymentIntentCreateParams', {...right, payment_method_options: {card: {colour: 'red'}}}],
        ['PaymentIntentCreateParams', {...right, capture_method: 'later'}],
        ['PaymentIntentCreateParams', {currency: 'usd'}],
        ['RefundCreateParams', {reason: 'a mistake'}],
    ];
    const ours = execFileSync(process.argv[2])
        .toString()
        .split('\n')
        .filter(Boolean)
        .map((line) => {
            const [operation, path, form] = line.split('\t');
            assert.ok(types[operation], `${operation} has no type here`);
            return [types[operation](path), parse(form)];
        });
    assert.ok(ours.length >= Object.keys(types).length);
    const found = complaints([...wrong, ...ours]);
    const isShown = ({which}) => which >= 0 && which < wrong.length;
    // The compiler sees what is wrong, and nothing else is.
    assert.deepEqual(
        found.filter(isShown).map(({which}) => which),
        wrong.map((_, i) => i),
    );
    assert.deepEqual(
        found.filter((one) => !isShown(one)).map(({text}) => text),
        [],
    );
});
