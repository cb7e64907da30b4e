// Answers as the sidecar gave them.

#pragma once

#include <string>

namespace recorded {

inline const std::string ready_machine = R"({"name":"d1p1","node":11,"contract":9002,"contracts":[
  {"id":9001,"kind":"network","node":11,"state":"created","created":1700000000},
  {"id":9002,"kind":"vm","node":11,"state":"created","created":1700000000}],
  "state":"ready","version":0,
  "resources":{"cru":2,"mru":4,"sru":50,"hru":0,"gpus":0,"public_ips":1},
  "workloads":[{"name":"vm1_pubip","type":"ip","state":"ok","message":""},
               {"name":"vm1","type":"zmachine","state":"ok","message":""}],
  "access":{"private_ip":"10.20.2.2","planetary_ip":null,
            "mycelium_ip":"5c9:fb1:452c:8f7b::1","public_ip":"185.206.122.40",
            "public_ip6":null,"console_url":"10.20.2.0:20002"},"node_error":null})";
inline const std::string running_job =
    R"({"job":"j1","kind":"deploy","name":"d1p1","state":"running",
  "contracts":[{"id":9001,"kind":"network","node":11},{"id":9002,"kind":"vm","node":11}],
  "deployment":null,"gateway":null,"error":null})";
inline const std::string empty_job = R"({"job":"j1","kind":"deploy","name":"d1p1","state":"running",
  "contracts":[],"deployment":null,"gateway":null,"error":null})";
inline const std::string not_found =
    R"({"code":"not_found","message":"there is no deployment 'd1p1'","retryable":false})";

} // namespace recorded
