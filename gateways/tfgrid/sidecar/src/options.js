// Options: flags, then the environment. Secrets come from files or the environment, never from flags.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

export const help = `tfgrid-sidecar: writes to the ThreeFold Grid, over HTTP on 127.0.0.1

usage: tfgrid-sidecar [--port N] [--token-file F] [--mnemonic-file F] [--network main|test|qa|dev]
                      [--keypair sr25519|ed25519] [--project P]

  --port N           port; 0 takes any (TFGRID_SIDECAR_PORT, else 0). Printed as {"port":N} on standard output
  --token-file F     file with the bearer token (TFGRID_SIDECAR_TOKEN_FILE; or the token in TFGRID_SIDECAR_TOKEN)
  --mnemonic-file F  file with the account's mnemonic or 0x seed (TFGRID_MNEMONIC_FILE)
  --network N        grid (TFGRID_NETWORK, else main)
  --keypair K        key type of the account (TFGRID_KEYPAIR, else sr25519)
  --project P        label of our contracts on the chain (TFGRID_PROJECT, else marketplace)
  --help             this text

environment, each optional: TFGRID_SUBSTRATE_URL, TFGRID_PROXY_URL, TFGRID_GRAPHQL_URL, TFGRID_RELAY_URL,
TFGRID_ACTIVATION_URL, TFGRID_KYC_URL (https), TFGRID_DEPLOY_SECONDS (600), TFGRID_CHAIN_SECONDS (240)
`;

function secretFrom(file, what) {
  let content;
  try {
    content = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new Error(`cannot read the file with the ${what}: ${error.code ?? "unknown"}`);
  }
  if (content.length === 0) throw new Error(`the file with the ${what} is empty`);
  return content;
}

function choice(value, what, allowed) {
  if (!allowed.includes(value)) throw new Error(`${what} must be one of ${allowed.join(", ")}`);
  return value;
}

function number(value, what, least, most) {
  if (!/^[0-9]{1,6}$/.test(value) || Number(value) < least || Number(value) > most) {
    throw new Error(`${what} must be a whole number from ${least} to ${most}`);
  }
  return Number(value);
}

export function readOptions(argv, environment) {
  const names = ["port", "token-file", "mnemonic-file", "network", "keypair", "project"];
  const declared = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
  const { values } = parseArgs({ args: argv, options: { ...declared, help: { type: "boolean" } }, strict: true });
  if (values.help) return { help: true };

  const tokenFile = values["token-file"] ?? environment.TFGRID_SIDECAR_TOKEN_FILE;
  const token = tokenFile ? secretFrom(tokenFile, "token") : (environment.TFGRID_SIDECAR_TOKEN ?? "").trim();
  if (!/^[\x21-\x7e]{16,512}$/.test(token)) throw new Error("a token of 16 to 512 printable characters is needed");

  const mnemonicFile = values["mnemonic-file"] ?? environment.TFGRID_MNEMONIC_FILE;
  if (!mnemonicFile) throw new Error("a file with the mnemonic is needed");
  const mnemonic = secretFrom(mnemonicFile, "mnemonic").replace(/\s+/g, " ");
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(mnemonic) && ![12, 15, 18, 21, 24].includes(mnemonic.split(" ").length)) {
    throw new Error("the file with the mnemonic holds neither a mnemonic nor a 0x seed");
  }

  const project = values.project ?? environment.TFGRID_PROJECT ?? "marketplace";
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(project)) throw new Error("project must be 1 to 64 letters, digits, _ or -");

  const url = (name) => environment[name] || undefined;
  return {
    port: number(values.port ?? environment.TFGRID_SIDECAR_PORT ?? "0", "port", 0, 65535),
    token,
    grid: {
      mnemonic,
      network: choice(values.network ?? environment.TFGRID_NETWORK ?? "main", "network", ["main", "test", "qa", "dev"]),
      keypair: choice(values.keypair ?? environment.TFGRID_KEYPAIR ?? "sr25519", "keypair", ["sr25519", "ed25519"]),
      project,
      urls: {
        substrate: url("TFGRID_SUBSTRATE_URL"),
        proxy: url("TFGRID_PROXY_URL"),
        graphql: url("TFGRID_GRAPHQL_URL"),
        relay: url("TFGRID_RELAY_URL"),
        activation: url("TFGRID_ACTIVATION_URL"),
        kyc: url("TFGRID_KYC_URL"),
      },
    },
    limits: {
      deploySeconds: number(environment.TFGRID_DEPLOY_SECONDS ?? "600", "TFGRID_DEPLOY_SECONDS", 10, 3600),
      chainSeconds: number(environment.TFGRID_CHAIN_SECONDS ?? "240", "TFGRID_CHAIN_SECONDS", 10, 3600),
    },
  };
}
