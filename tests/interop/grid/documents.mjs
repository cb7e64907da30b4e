// grid_client 2.9.2 judges what our adapter asks for: its validators must accept every deployment
// and every name, its documents must pass its own check and a node's, and its calculator must count
// the same cloud units. Lies in the sidecar's folder when it runs, whose code makes orders of
// requests, and whose double takes the place of the chain and the nodes.
//
//   node documents.mjs GRID_CASES

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {after, before, test} from 'node:test';
import {applications} from '../src/applications.js';
import {silenceConsole} from '../src/log.js';
import {planDeployment, resourcesOf} from '../src/plan.js';
import {readDeployment, readName, readResize} from '../src/requests.js';
import {GridDouble, library} from '../test/double.js';

silenceConsole(); // The library prints what it refuses.

const beside = createRequire(createRequire(import.meta.url).resolve('@threefold/grid_client'));
const {plainToInstance} = beside('class-transformer');

const cases = {deployment: [], resize: [], name: [], units: []};
const program = process.argv[2];
const printed = execFileSync(program, Object.keys(applications), {maxBuffer: 1 << 26});
for (const line of printed.toString().trimEnd().split('\n')) {
    const [[kind, value]] = Object.entries(JSON.parse(line));
    cases[kind].push(value);
}

// Of a list of cases, those that throw, with the reason.
function refused(all, check) {
    const found = [];
    for (const one of all) {
        try {
            check(one);
        } catch (error) {
            found.push(`${JSON.stringify(one).slice(0, 300)}: ${error.message}`);
        }
    }
    return found.slice(0, 5);
}

let double;
let grid;
before(async () => {
    double = await new GridDouble().start();
    grid = await double.connect();
});
after(() => double.stop());

test('the validators see what is wrong', () => {
    const [body] = cases.deployment;
    const plan = planDeployment(readDeployment(body));
    const validate = (given) =>
        library.validateObject(
            plainToInstance(library.MachinesModel, given, {excludeExtraneousValues: true}),
        );
    validate(plan);
    const broken = [
        {...plan, name: 'with-hyphen'},
        {...plan, machines: [{...plan.machines[0], cpu: 0}]},
        {...plan, machines: [{...plan.machines[0], memory: 255}]},
        {...plan, machines: [{...plan.machines[0], flist: 'ubuntu'}]},
    ];
    for (const one of broken) assert.throws(() => validate(one), /Validation/);
});

test('every deployment is accepted, of every application', () => {
    const asked = new Set(cases.deployment.map((body) => body.application));
    assert.deepEqual([...asked].sort(), Object.keys(applications).sort());
    assert.ok(cases.deployment.some((body) => body.resources.public_ips === 1));
    assert.ok(cases.deployment.some((body) => body.resources.public_ips === 0));
    const found = refused(cases.deployment, (body) => grid.checkDeployment(readDeployment(body)));
    assert.deepEqual(found, []);
});

test('every name is accepted', () => {
    assert.ok(cases.name.length > 0);
    const found = refused(cases.name, (body) => grid.checkName(readName(body)));
    assert.deepEqual(found, []);
});

test('every resize is read', () => {
    assert.ok(cases.resize.length > 0);
    assert.deepEqual(refused(cases.resize, readResize), []);
});

// As the node got it: it has checked the hash that is on the chain, and the signature.
async function checkDocuments(node) {
    const documents = [...double.nodes.get(node).deployments.values()];
    assert.ok(documents.length > 0);
    for (const document of documents)
        library.validateObject(
            await new library.DeploymentFactory({twinId: 42}).fromObj(document),
        );
}

test('the documents are whole, and what was ordered', async () => {
    const large = 2 ** 53;
    const machines = double.nodes.get(11);
    machines.total = {cru: 32, mru: large, sru: large, hru: 0};
    const largest = {cru: 32, mru: 256, sru: 10240, hru: 0, gpus: 0, public_ips: 0};
    for (const application of Object.keys(applications)) {
        const all = cases.deployment.filter((body) => body.application === application);
        const some = [...all.slice(0, 8), {...all[8], resources: largest}];
        for (const body of some) {
            const order = readDeployment({...body, node: 11, farm: 1});
            const view = await grid.deploy(order, () => {});
            await checkDocuments(11);
            const machine = machines.deployments.get(view.contract);
            assert.deepEqual(resourcesOf(machine), order.resources);
            await grid.cancel(view.contract);
        }
    }
    for (const body of cases.name.slice(0, 8)) {
        const view = await grid.deployName(readName({...body, node: 51}), () => {});
        assert.deepEqual(view.backends, body.backends);
        await checkDocuments(51);
        await grid.cancel(view.contract);
    }
});

test('the calculator counts the same cloud units', () => {
    assert.ok(cases.units.length >= 1000);
    const calculator = new library.calculator({tfclient: {}});
    for (const {resources, compute_eighths, storage_1200ths} of cases.units) {
        const {cru, mru, sru, hru} = resources;
        const what = JSON.stringify(resources);
        // Eighths are exact in binary; 1200ths are not.
        assert.equal(calculator.calCU({cru, mru}), compute_eighths / 8, what);
        const su = calculator.calSU({sru, hru});
        assert.ok(Math.abs(su * 1200 - storage_1200ths) <= 1e-9 * storage_1200ths, what);
    }
});
