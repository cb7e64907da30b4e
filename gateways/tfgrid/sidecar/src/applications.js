// What can be deployed by name. A layout says where the disk space of an order goes:
//   root  all of it is the machine's root file system (images that boot as containers);
//   boot  a small root and one disk which the image is written to (images with their own boot disk);
//   data  a small root and one disk mounted at `mountpoint`.

const hub = "https://hub.grid.tf";

export const applications = {
  "ubuntu-24.04": {
    flist: `${hub}/tf-official-vms/ubuntu-24.04-full.flist`,
    entrypoint: "",
    layout: "root",
  },
  "ubuntu-22.04": {
    flist: `${hub}/tf-official-vms/ubuntu-22.04.flist`,
    entrypoint: "",
    layout: "boot",
  },
  "ubuntu-20.04": {
    flist: `${hub}/tf-official-vms/ubuntu-20.04-lts.flist`,
    entrypoint: "",
    layout: "boot",
  },
  "micro-ubuntu-24.04": {
    flist: `${hub}/tf-official-vms/ubuntu-24.04-latest.flist`,
    entrypoint: "/sbin/zinit init",
    layout: "root",
  },
  kubernetes: {
    flist: `${hub}/tf-official-apps/threefolddev-k3s-v1.31.0.flist`,
    entrypoint: "/sbin/zinit init",
    layout: "data",
    mountpoint: "/mnt/data",
    env: { K3S_DATA_DIR: "/mnt/data", K3S_FLANNEL_IFACE: "eth0", K3S_NODE_NAME: "vm1", K3S_URL: "" },
    requiredEnv: ["K3S_TOKEN"],
  },
  nextcloud: {
    flist: `${hub}/tf-official-apps/threefoldtech-nextcloudaio-latest.flist`,
    entrypoint: "/sbin/zinit init",
    layout: "data",
    mountpoint: "/mnt/data",
    requiredEnv: ["NEXTCLOUD_DOMAIN"],
  },
  "open-webui": {
    flist: `${hub}/tf-official-apps/threefoldtech-ubuntu-24.04_fullvm_oi.flist`,
    entrypoint: "",
    layout: "root",
    requiredEnv: ["OPENWEBUI_DOMAIN"],
  },
};

export const layouts = ["root", "boot", "data"];
