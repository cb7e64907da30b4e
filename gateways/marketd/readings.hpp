// What each part counts, as Prometheus metrics.

#pragma once

#include "bus/bus.hpp"
#include "gateways/http/server.hpp"
#include "gateways/market/door.hpp"
#include "gateways/metrics/metrics.hpp"
#include "projections/processor.hpp"
#include "projections/view.hpp"
#include "projections/worker.hpp"

namespace gateways::marketd {

void read_processor(const projections::ProcessorMeter& meter, std::size_t lane,
                    metrics::Reading& reading);
void read_worker(const projections::Worker& worker, metrics::Reading& reading);
void read_views(const projections::Views& views, metrics::Reading& reading);
void read_door(const market::DoorMeter& meter, const http::Counts& counts,
               metrics::Reading& reading);
void read_log(const bus::Log& log, metrics::Reading& reading);
void read_process(metrics::Reading& reading); // This program itself.

} // namespace gateways::marketd
