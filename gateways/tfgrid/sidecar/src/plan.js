// An order as the grid's client wants it. Pure: the same order gives the same plan, whenever it is asked for.

import { createHash } from "node:crypto";

import { Refusal } from "./errors.js";

const gib = 1024 ** 3;

// Names that a node keeps for itself.
const reserved = ["ygg", "pub", "mycelium"];

export const isReserved = (name) => reserved.includes(name);

// The seed of a machine's mycelium address. It is no secret, so it comes from the name, and a machine that
// is replaced keeps its address.
export function myceliumSeed(name) {
  return createHash("sha256").update(`tfgrid-sidecar/mycelium/${name}`).digest("hex").slice(0, 12);
}

// The least root file system that a node accepts, in GiB as the client wants it.
export function smallestRoot(resources) {
  return Math.trunc((resources.cru * resources.mru) / 8) === 0 ? 500 / 1024 : 2;
}

// Where the ordered GiB go. Root and disks together are never more than what was ordered.
export function storage(resources, image) {
  if (image.layout === "root") return { root: resources.sru, disks: [] };
  const root = smallestRoot(resources);
  const size = resources.sru - Math.ceil(root);
  return image.layout === "boot"
    ? { root, disks: [{ name: "boot", size, mountpoint: "/" }] }
    : { root, disks: [{ name: "data", size, mountpoint: image.mountpoint }] };
}

// Each deployment has a private network of its own, of its own name: two contracts on one node.
export function planDeployment(order, gpus = []) {
  const { root, disks } = storage(order.resources, order.image);
  return {
    name: order.name,
    network: { name: order.name, ip_range: "10.20.0.0/16", addAccess: false },
    machines: [
      {
        name: "vm1",
        node_id: order.node,
        disks,
        qsfs_disks: [],
        public_ip: order.resources.public_ips > 0,
        public_ip6: false,
        planetary: order.network.planetary,
        mycelium: order.network.mycelium,
        ...(order.network.mycelium ? { myceliumSeed: myceliumSeed(order.name) } : {}),
        cpu: order.resources.cru,
        memory: order.resources.mru * 1024,
        rootfs_size: root,
        flist: order.image.flist,
        entrypoint: order.image.entrypoint,
        env: order.env,
        corex: false,
        gpus,
      },
    ],
    metadata: order.metadata,
    description: "",
  };
}

export function planName(order, node) {
  return {
    name: order.name,
    node_id: node,
    tls_passthrough: order.tlsPassthrough,
    backends: order.backends,
    metadata: "",
    description: "",
  };
}

const isMachine = (workload) => workload.type === "zmachine" || workload.type === "zmachine-light";

export const machineOf = (deployment) => deployment.workloads.find(isMachine);
export const gatewayOf = (deployment) => deployment.workloads.find((each) => each.type === "gateway-name-proxy");

export function hasBootDisk(deployment) {
  return (machineOf(deployment)?.data.mounts ?? []).some((mount) => mount.mountpoint === "/");
}

export function resourcesOf(deployment) {
  const machine = machineOf(deployment);
  if (!machine) return null;
  const disks = deployment.workloads.filter((each) => each.type === "zmount").map((each) => each.data.size);
  return {
    cru: machine.data.compute_capacity.cpu,
    mru: Math.round(machine.data.compute_capacity.memory / gib),
    // A small root is ordered as whole GiB, too.
    sru: Math.ceil((disks.reduce((sum, size) => sum + size, 0) + machine.data.size) / gib),
    hru: 0,
    gpus: (machine.data.gpu ?? []).length,
    public_ips: deployment.workloads.filter((each) => each.type === "ip" && each.data.v4).length,
  };
}

// Gives a deployment's machine other resources, in place, and says what the node must have free for it.
// A node refuses to shrink a disk, and cards and public addresses are not moved.
export function resizeMachine(deployment, resources) {
  const refuse = (message) => {
    throw new Refusal("validation", message);
  };
  const now = resourcesOf(deployment);
  for (const fixed of ["gpus", "public_ips"]) {
    if (resources[fixed] !== now[fixed]) refuse(`resources.${fixed} cannot be changed`);
  }
  if (resources.cru < 1 || resources.mru < 1) refuse("resources.cru and resources.mru must be at least 1");
  const machine = machineOf(deployment);
  const disk = deployment.workloads.find((each) => each.type === "zmount");
  const least = smallestRoot(resources);
  if (!disk && resources.sru < least) refuse("resources.sru is too small for the memory");
  if (disk) {
    const size = (resources.sru - Math.ceil(least)) * gib;
    if (size < disk.data.size) refuse("resources.sru cannot shrink: a disk cannot");
    if (size > disk.data.size) disk.version = deployment.version + 1;
    disk.data.size = size;
  }
  machine.data.size = (disk ? least : resources.sru) * gib;
  machine.data.compute_capacity = { cpu: resources.cru, memory: resources.mru * gib };
  return { mru: Math.max(0, resources.mru - now.mru), sru: Math.max(0, resources.sru - now.sru) };
}
