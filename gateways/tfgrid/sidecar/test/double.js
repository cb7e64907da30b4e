// A grid in memory. It takes the place of two things only: the connection to the chain, which the chain client
// keeps by address, and the relay client, which is kept by address and account. The client library and this
// service run as they are, and believe they are connected.

import { createRequire } from "node:module";

import { Grid } from "../src/grid.js";
import { scrubber } from "../src/scrub.js";
import { Sidecar } from "../src/sidecar.js";
import { ChainDouble } from "./double/chain.js";
import { RelayDouble, makeNode } from "./double/nodes.js";
import { ServicesDouble } from "./double/services.js";

const require = createRequire(import.meta.url);
const library = require("@threefold/grid_client");
const { QueryClient } = require("@threefold/tfchain_client");
const { Client: RelayClient } = require("@threefold/rmb_direct_client");
const axios = createRequire(require.resolve("@threefold/grid_client"))("axios");

// A well-known phrase of the substrate developers; it owns nothing.
export const mnemonic = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
export const token = "a-token-for-tests-only";

// The KYC client always speaks TLS; the double does not.
const plain = new Set();
axios.interceptors.request.use((request) => {
  for (const host of plain)
    if (request.url?.startsWith(`https://${host}`)) return { ...request, url: `http://${request.url.slice(8)}` };
  return request;
});

let doubles = 0;

export class GridDouble {
  constructor({ twin = 42 } = {}) {
    this.number = ++doubles;
    this.kyc = { status: "VERIFIED" };
    const ips = [1, 2].map((n) => ({ ip: `185.206.122.${40 + n}/24`, gateway: "185.206.122.1", contractId: 0 }));
    this.farms = new Map([
      [1, { id: 1, publicIps: ips }],
      [2, { id: 2, publicIps: [] }],
    ]);
    const card = { id: "0000:0e:00.0/1002/744c", vendor: "AMD", device: "Navi 31", contract: 0 };
    this.nodes = new Map(
      [
        makeNode(11),
        makeNode(21, { farm: 2 }),
        makeNode(31, { gpus: [card] }),
        makeNode(41, { light: true }),
        makeNode(51, { domain: "gw.example" }),
      ].map((node) => [node.id, node]),
    );
    this.chain = new ChainDouble({ twin, nodes: this.nodes, farms: this.farms });
    this.relay = new RelayDouble({ nodes: this.nodes, chain: this.chain, kyc: this.kyc });
    this.services = new ServicesDouble({ nodes: this.nodes, chain: this.chain, kyc: this.kyc });
  }

  async start() {
    await this.services.start();
    const host = `127.0.0.1:${this.services.port}`;
    plain.add(host);
    this.urls = {
      substrate: `ws://chain-${this.number}.double`,
      relay: `wss://relay-${this.number}.double`,
      proxy: `http://${host}/proxy`,
      graphql: `http://${host}/graphql`,
      activation: `http://${host}/activation`,
      kyc: `https://${host}/kyc`,
    };
    QueryClient.connections.set(this.urls.substrate, { api: this.chain.api(), disconnectHandler: () => {} });
    for (const keypair of ["sr25519", "ed25519"]) {
      RelayClient.connections.set(`${this.urls.relay}:${library.toHexSeed(mnemonic)}:${keypair}`, this.relay);
    }
    return this;
  }

  async stop() {
    await this.services.stop();
  }

  // What the library remembers in static lists belongs to a process; a new process knows none of it.
  static forgetProcess() {
    for (const Class of [library.BaseModule, library.Network]) {
      Class.newContracts.length = 0;
      Class.deletedContracts.length = 0;
    }
  }

  async connect({ keypair = "sr25519", project = "marketplace", stuck, limits = {} } = {}) {
    const quick = { deploySeconds: 20, chainSeconds: 5, graceSeconds: 0.1, attempts: 3, pause: 5 };
    const options = { mnemonic, network: "dev", keypair, project, urls: this.urls };
    return Grid.connect(options, { scrub: scrubber([mnemonic, token]), stuck, limits: { ...quick, ...limits } });
  }

  async serve({ limits, log, ...options } = {}) {
    const sidecar = new Sidecar({
      token,
      connect: () => this.connect(options),
      scrub: scrubber([mnemonic, token]),
      limits,
      log,
    });
    const { port, connected } = await sidecar.start(0);
    await connected;
    return { url: `http://127.0.0.1:${port}`, stop: () => sidecar.stop() };
  }
}

export const order = (changes = {}) => ({
  name: "d1p1",
  node: 11,
  farm: 0,
  resources: { cru: 2, mru: 4, sru: 50, hru: 0, gpus: 0, public_ips: 0 },
  image: {
    flist: "https://hub.grid.tf/tf-official-vms/ubuntu-24.04-full.flist",
    entrypoint: "",
    layout: "root",
    mountpoint: "/mnt/data",
  },
  env: { SSH_KEY: "ssh-ed25519 AAAA test" },
  metadata: "",
  network: { planetary: false, mycelium: true },
  ...changes,
});

export { Grid, library };
