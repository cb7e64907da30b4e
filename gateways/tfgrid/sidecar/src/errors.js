// What can go wrong, in names a program can act on. Every refusal of this service is one of these codes;
// `retryable` says whether the very same request may succeed later without anybody changing it.

const codes = {
  // The request.
  invalid_json: { status: 400, retryable: false },
  unauthorized: { status: 401, retryable: false },
  not_found: { status: 404, retryable: false },
  method_not_allowed: { status: 405, retryable: false },
  body_too_large: { status: 413, retryable: false },
  unsupported_media_type: { status: 415, retryable: false },
  validation: { status: 422, retryable: false },
  conflict: { status: 409, retryable: false },
  in_progress: { status: 409, retryable: true },
  // This service.
  busy: { status: 503, retryable: true },
  timeout: { status: 504, retryable: true },
  not_connected: { status: 503, retryable: true },
  account_unknown: { status: 503, retryable: false },
  internal: { status: 500, retryable: false },
  // The account and the chain.
  insufficient_balance: { status: 402, retryable: true },
  kyc_unverified: { status: 403, retryable: false },
  name_taken: { status: 409, retryable: false },
  not_ours: { status: 409, retryable: false },
  contract_in_grace: { status: 409, retryable: true },
  chain_refused: { status: 409, retryable: false },
  chain_unreachable: { status: 503, retryable: true },
  outcome_unknown: { status: 504, retryable: true },
  grid_unavailable: { status: 503, retryable: true },
  // The node.
  node_excluded: { status: 409, retryable: false },
  node_unavailable: { status: 409, retryable: false },
  node_unreachable: { status: 504, retryable: true },
  node_refused: { status: 409, retryable: false },
  no_capacity: { status: 409, retryable: false },
  no_public_ip: { status: 409, retryable: false },
  no_gpu: { status: 409, retryable: false },
  workload_failed: { status: 409, retryable: false },
  deploy_timeout: { status: 504, retryable: false },
  incomplete: { status: 409, retryable: false },
  would_erase_root: { status: 409, retryable: false },
};

export const errorCodes = Object.keys(codes);

export class Refusal extends Error {
  constructor(code, message, { contracts } = {}) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.status = codes[code].status;
    this.retryable = codes[code].retryable;
    this.contracts = contracts;
  }

  body() {
    return { code: this.code, message: this.message, retryable: this.retryable };
  }
}

// The names of the chain's own errors.
const chainCodes = {
  OnlyTwinAdminCanDeployOnThisNode: "node_excluded",
  NodeNotAvailableToDeploy: "node_unavailable",
  NodeNotAuthorizedToDeployContract: "node_unavailable",
  NodeHasRentContract: "node_unavailable",
  NodeHasActiveContracts: "node_unavailable",
  NodeNotExists: "node_unavailable",
  NotEnoughResourcesOnNode: "no_capacity",
  FarmHasNotEnoughPublicIPs: "no_public_ip",
  FarmHasNotEnoughPublicIPsFree: "no_public_ip",
  FailedToReserveIP: "no_public_ip",
  NameExists: "name_taken",
  NameNotValid: "validation",
  NameContractNameTooShort: "validation",
  NameContractNameTooLong: "validation",
  CannotUpdateContractInGraceState: "contract_in_grace",
  ContractIsNotUnique: "conflict",
  ContractNotExists: "not_found",
  TwinNotAuthorizedToCancelContract: "not_ours",
  TwinNotAuthorizedToUpdateContract: "not_ours",
  InsufficientBalance: "insufficient_balance",
  FundsUnavailable: "insufficient_balance",
  NoFunds: "insufficient_balance",
};

// The library's texts, where only the text tells one failure from another. The first that matches counts.
const texts = [
  [/inability to pay|balance is not enough|insufficient balance/i, "insufficient_balance"],
  [/OnlyTwinAdminCanDeployOnThisNode/, "node_excluded"],
  [/not verified|KYC verification/i, "kyc_unverified"],
  [/name contract .* already reserved|NameExists/i, "name_taken"],
  [/another .* with the same name .* already exists/i, "conflict"],
  [/not rented by the current user/i, "no_gpu"],
  [/is not available for user|in grace period|doesn't support public ips/i, "node_unavailable"],
  [/couldn't find a node with id|Node: \d+ is not found/i, "node_unavailable"],
  [/failed to be ready after/i, "deploy_timeout"],
  [/deployment not found|deployment is deleted/i, "incomplete"],
  [/unable to establish a connection with the chain|client couldn't connect to/i, "chain_unreachable"],
  [/didn't get a response|unable to send due to|unable to establish a connection with the RMB/i, "node_unreachable"],
  [/failed to reach \w+ on all provided stacks/i, "grid_unavailable"],
  [/not found or has been deleted/i, "not_found"],
];

const classes = {
  WorkloadDeployError: "workload_failed",
  WorkloadUpdateError: "workload_failed",
  DiskAllocationError: "no_capacity",
  UnavailableNodeError: "node_unavailable",
  AccessNodeError: "node_unavailable",
  GPUNotFoundError: "no_gpu",
  GPULockedError: "no_gpu",
  InsufficientBalanceError: "insufficient_balance",
  TwinNotExistError: "account_unknown",
  KycBaseError: "grid_unavailable",
  Unverified: "kyc_unverified",
  RateLimit: "grid_unavailable",
  RequestError: "grid_unavailable",
  TimeoutError: "node_unreachable",
  ConnectionError: "node_unreachable",
  RMBError: "node_refused",
  InvalidResponse: "node_refused",
  ValidationError: "validation",
};

// The library throws classes without names and texts without codes; this is where they become codes.
export function codeOf(error) {
  const text = String(error?.message ?? error);
  const keyError = String(error?.keyError ?? "").replace(/^"|"$/g, "");
  if (chainCodes[keyError]) return chainCodes[keyError];
  for (const [pattern, code] of texts) if (pattern.test(text)) return code;
  const kind = error?.constructor?.name ?? "";
  if (kind === "InvalidResourcesError") return /public ip/i.test(text) ? "no_public_ip" : "no_capacity";
  if (kind === "TFChainError") {
    // Without a name from the chain the call may or may not have reached a block.
    return keyError === "GenericError" || keyError === "UnknownError" ? "outcome_unknown" : "chain_refused";
  }
  return classes[kind] ?? "internal";
}

export function refusalFrom(error, scrub, { contracts } = {}) {
  if (error instanceof Refusal) {
    if (contracts && !error.contracts) error.contracts = contracts;
    return error;
  }
  const name = String(error?.keyError ?? "").replace(/^"|"$/g, "");
  const named = name && !["GenericError", "UnknownError"].includes(name) ? `${name}: ` : "";
  const text = scrub(`${named}${error?.message ?? error}`);
  return new Refusal(codeOf(error), text || "no reason was given", { contracts });
}
