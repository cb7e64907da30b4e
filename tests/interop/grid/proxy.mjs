// The grid's own client of the Grid Proxy, npm's @threefold/gridproxy_client, reads our sandbox.
// Its types say which fields there have to be. Lies in the sidecar's folder when it runs.
//
//   node proxy.mjs http://127.0.0.1:PORT

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {before, test} from 'node:test';

const require = createRequire(import.meta.url);
const {default: Client, SortByContracts, SortBy} = require('@threefold/gridproxy_client');
const types = join(dirname(require.resolve('@threefold/gridproxy_client')), 'modules');

const url = process.argv[2];
const proxy = new Client(url);
const gib = 2 ** 30;

async function control(path, body) {
    const response = await fetch(`${url}/sandbox/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
}

// The fields that an interface of the client's declarations has without a question mark.
function fieldsOf(file, name) {
    const text = readFileSync(join(types, `${file}.d.ts`), 'utf8');
    const body = text.match(new RegExp(`^export interface ${name} \\{\\n([^]*?)^\\}`, 'm'));
    assert.ok(body, `${file}: no ${name}`);
    const names = [...body[1].matchAll(/^ {4}(\w+):/gm)].map(([, field]) => field);
    assert.ok(names.length > 0, name);
    return names;
}

function expectShape(object, file, name, except = []) {
    const missing = fieldsOf(file, name).filter((field) => !(field in object));
    assert.deepEqual(missing.sort(), [...except].sort(), `${name}: missing`);
}

const ids = ({data}) => data.map((node) => node.nodeId);

before(async () => {
    const card = {id: '0000:0e:00.0/1002/744c', vendor: 'AMD', device: 'Navi 31', contract: 0};
    await control('catalogue', {
        farms: [
            {
                farmId: 7,
                name: 'Farm H',
                twinId: 100,
                publicIps: [
                    {id: 'a', ip: '185.1.1.2/24', gateway: '185.1.1.1', contract_id: 0},
                    {id: 'b', ip: '185.1.1.3/24', gateway: '185.1.1.1', contract_id: 9001},
                ],
            },
            {farmId: 9, name: 'Farm G', twinId: 101, dedicated: true},
        ],
        nodes: [
            ...Array.from({length: 120}, (_, i) => ({
                nodeId: 1000 + i,
                farmId: 7,
                twinId: 3000 + i,
                country: 'Germany',
            })),
            {nodeId: 11, farmId: 7, twinId: 1011, country: 'Belgium', city: 'Ghent'},
            {
                nodeId: 12,
                farmId: 9,
                twinId: 1012,
                country: 'Belgium',
                gpus: [card],
                publicConfig: {domain: 'gw.example', ipv4: '185.1.2.2/24'},
            },
            {nodeId: 13, farmId: 7, twinId: 1013, country: 'Belgium', status: 'down'},
        ],
        contracts: [
            {contract_id: 9001, twin_id: 42, type: 'node', details: {nodeId: 11}},
            {contract_id: 9002, twin_id: 42, type: 'name', details: {name: 'blog'}},
            {contract_id: 9003, twin_id: 43, type: 'rent', details: {nodeId: 12}},
        ],
        twins: [
            {twinId: 42, accountId: '5Operator', relay: 'relay.grid.tf', publicKey: '0xab'},
            {twinId: 1011, accountId: '5Node'},
        ],
    });
    await control('contracts/9001/bills', {amountBilled: 4_500_000, discountReceived: 'Gold'});
});

test('nodes: fields, filters', async () => {
    const all = await proxy.nodes.list({country: 'Belgium', retCount: true});
    assert.equal(all.count, 3);
    assert.deepEqual(ids(all), [11, 12, 13]);
    // The client adds the last three when it is asked to; the region stands in the location.
    const added = ['farm', 'publicIps', 'stats', 'twin'];
    expectShape(all.data[0], 'gateways', 'GridNode', ['region', ...added]);
    assert.equal(all.data[0].location.region, 'Europe');
    expectShape(all.data[0].total_resources, 'gateways', 'Resources');
    expectShape(all.data[0].location, 'gateways', 'Location');
    expectShape(all.data[0].publicConfig, 'gateways', 'PublicConfig');
    expectShape(all.data[1].gpus[0], 'gateways', 'GPUCard');
    const filters = [
        [{status: 'up', country: 'Belgium'}, [11, 12]],
        [{status: 'up,standby', country: 'Belgium'}, [11, 12]],
        [{status: 'down'}, [13]],
        [{nodeId: 12}, [12]],
        [{hasGpu: true, gpuAvailable: true, gpuVendorName: 'AMD'}, [12]],
        [{domain: true, ipv4: true}, [12]],
        [{farmIds: '9'}, [12]],
        [{farmName: 'Farm G'}, [12]],
        [{city: 'Ghent'}, [11]],
        [{rentedBy: 43}, [12]],
        [{rented: true}, [12]],
        [{ownedBy: 101}, [12]],
        [{country: 'Belgium', availableFor: 42, healthy: true, status: 'up'}, [11]],
        [{country: 'Belgium', rentableOrRentedBy: 43, rented: true}, [12]],
        [{country: 'Belgium', freeMru: 32 * gib, freeSru: 100 * gib, totalCru: 16}, [11, 12, 13]],
        [{country: 'Belgium', freeMru: 65 * gib}, []],
        [{country: 'Belgium', region: 'Europe', dedicated: true, numGpu: 1}, [12]],
        [{country: 'Belgium', sortBy: 'node_id', sortOrder: 'desc'}, [13, 12, 11]],
    ];
    for (const [filter, expected] of filters)
        assert.deepEqual(ids(await proxy.nodes.list(filter)), expected, JSON.stringify(filter));
    // The proxy itself does not sort by what it has from another table.
    for (const sortBy of Object.values(SortBy).filter((name) => name !== 'farm_name'))
        assert.equal((await proxy.nodes.list({sortBy, size: 200})).data.length, 123, sortBy);
});

test('nodes: pages', async () => {
    const seen = new Set();
    const {count} = await proxy.nodes.list({size: 50, page: 1, retCount: true});
    assert.equal(count, 123);
    for (let page = 1; page <= Math.ceil(count / 50); ++page)
        for (const id of ids(await proxy.nodes.list({size: 50, page}))) seen.add(id);
    assert.equal(seen.size, 123);
    assert.deepEqual(ids(await proxy.nodes.list({size: 50, page: 4})), []);
});

test('one node, with all that the client adds', async () => {
    const node = await proxy.nodes.byId(11, {loadFarm: true, loadTwin: true, loadStats: true});
    expectShape(node, 'gateways', 'GridNode', ['region']);
    assert.equal(node.total_resources.cru, 16);
    assert.equal(node.farm.name, 'Farm H');
    assert.deepEqual(node.publicIps, {total: 2, used: 1, free: 1});
    assert.equal(node.twin.accountId, '5Node');
    expectShape(node.stats, 'gateways', 'NodeStats');
    expectShape(node.stats.total, 'gateways', 'Resources');
    assert.equal((await proxy.nodes.gpuById(12))[0].vendor, 'AMD');
    assert.equal((await proxy.nodes.byId(99)).error, 'node not found');
});

test('gateways', async () => {
    assert.deepEqual(ids(await proxy.gateways.list()), [12]);
    assert.equal((await proxy.gateways.byId(12)).publicConfig.domain, 'gw.example');
});

test('farms and their addresses', async () => {
    const all = await proxy.farms.list({retCount: true});
    assert.equal(all.count, 2);
    expectShape(all.data[0], 'farms', 'Farm');
    const names = async (filter) => (await proxy.farms.list(filter)).data.map(({name}) => name);
    assert.deepEqual(await names({farmId: 9}), ['Farm G']);
    assert.deepEqual(await names({name: 'Farm H'}), ['Farm H']);
    assert.deepEqual(await names({nameContains: 'farm', dedicated: true}), ['Farm G']);
    assert.deepEqual(await names({twinId: 100, freeIps: 1, totalIps: 2}), ['Farm H']);
    for (const sortBy of ['farm_id', 'twin_id', 'name', 'dedicated', 'free_ips', 'total_ips'])
        assert.equal((await names({sortBy, sortOrder: 'desc'})).length, 2, sortBy);
    assert.deepEqual(await names({sortBy: 'name', sortOrder: 'asc'}), ['Farm G', 'Farm H']);
    assert.deepEqual(await names({sortBy: 'name', sortOrder: 'desc'}), ['Farm H', 'Farm G']);
    assert.equal((await proxy.farms.listAll()).length, 2);
    const addresses = await proxy.publicIps.listAll({free: true});
    assert.equal(addresses.length, 1);
    expectShape(addresses[0], 'farms', 'PublicIp');
    const sorted = await proxy.publicIps.list({sortBy: 'contract_id', sortOrder: 'desc'});
    assert.deepEqual(sorted.data.map((one) => one.contract_id), [9001, 0]);
});

test('contracts and their bills', async () => {
    const list = async (filter) =>
        (await proxy.contracts.list(filter)).data.map((one) => one.contract_id);
    const all = await proxy.contracts.list({retCount: true});
    assert.equal(all.count, 3);
    expectShape(all.data[0], 'contracts', 'Contract');
    expectShape(all.data[0].details, 'contracts', 'ContractDetails');
    assert.deepEqual(await list({twinId: 42}), [9001, 9002]);
    assert.deepEqual(await list({nodeId: 11}), [9001]);
    assert.deepEqual(await list({contractId: 9003, type: 'rent'}), [9003]);
    assert.deepEqual(await list({name: 'blog', type: 'name'}), [9002]);
    assert.deepEqual(await list({state: ['Created', 'GracePeriod']}), [9001, 9002, 9003]);
    assert.deepEqual(await list({state: ['Deleted']}), []);
    assert.deepEqual(await list({size: 2, page: 2}), [9003]);
    for (const sortBy of Object.values(SortByContracts))
        assert.equal((await list({sortBy, sortOrder: 'desc'})).length, 3, sortBy);
    assert.deepEqual(await list({sortBy: 'twin_id', sortOrder: 'desc'}), [9003, 9001, 9002]);
    assert.deepEqual(await list({sortBy: 'type', sortOrder: 'asc'}), [9002, 9001, 9003]);
    // The client has no call for bills but its builder.
    const answer = await proxy.contracts.builder({retCount: true}).build('/contracts/9001/bills');
    const bills = await answer.json();
    assert.equal(answer.headers.get('count'), '1');
    assert.equal(bills[0].amountBilled, 4_500_000);
    assert.equal(bills[0].discountReceived, 'Gold');
});

test('twins and what they have spent', async () => {
    const {data, count} = await proxy.twins.list({twinId: 42, retCount: true});
    assert.equal(count, 1);
    expectShape(data[0], 'twins', 'Twin');
    assert.equal(data[0].accountId, '5Operator');
    const spent = await proxy.twins.getConsumption(42);
    expectShape(spent, 'twins', 'Consumption');
    assert.equal(spent.overall_consumption, 0.45);
});

test('statistics', async () => {
    const all = await proxy.stats.get();
    expectShape(all, 'stats', 'Stats');
    assert.equal(all.nodes, 123);
    assert.deepEqual(all.nodesDistribution, {Belgium: 3, Germany: 120});
    assert.equal((await proxy.stats.get({status: 'down'})).nodes, 1);
});
