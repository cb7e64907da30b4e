// What it costs to read a command and to write an event: envelope and data.

#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"

#include <benchmark/benchmark.h>

namespace {

using schemas::Unknown;

const domain::PaymentCommand command{domain::RequestPayment{
    {"user-000123"}, {1000, domain::Currency::usd}, domain::CardId{"pm_1N3T00LkdIwHu7ix"}, {}, {}}};
const domain::PaymentEvent event{domain::PaymentRequested{{"user-000123"},
                                                          {1000, domain::Currency::usd},
                                                          1,
                                                          domain::CardId{"pm_1N3T00LkdIwHu7ix"},
                                                          {},
                                                          {}}};
constexpr std::string_view id = "user-000123/5f2c9a1e3d4b4c6f8a7e6d5c4b3a2918";
constexpr std::string_view event_id = "user-000123/5f2c9a1e3d4b4c6f8a7e6d5c4b3a2918.1";
constexpr std::string_view stream = "payment-01922d3c4b5a69788796a5b4c3d2e1f0";
constexpr std::string_view hash =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
constexpr domain::Time now{1'775'044'800'123};

std::string command_record() {
    std::string data, record;
    schemas::write_data(command, data);
    schemas::write_command({.id = id,
                            .type = schemas::type_of(command),
                            .stream = stream,
                            .time = now,
                            .tenant = "acme",
                            .actor = "user-000123",
                            .correlation = {},
                            .trace = {},
                            .reply = "desk-0f",
                            .data = {}},
                           data, record);
    return record;
}

void write_event_record(std::string& data, std::string& record) {
    data.clear();
    record.clear();
    schemas::write_data(event, data);
    schemas::write_event({.id = event_id,
                          .type = schemas::type_of(event),
                          .stream = stream,
                          .sequence = 1,
                          .time = now,
                          .tenant = "acme",
                          .actor = "user-000123",
                          .command = id,
                          .fingerprint = "0123456789abcdef",
                          .correlation = id,
                          .trace = {},
                          .data = {},
                          .previous = hash},
                         data, record);
}

void ReadCommand(benchmark::State& state) {
    const std::string record = command_record();
    schemas::EnvelopeReader reader;
    for (auto _ : state) {
        const auto head = reader.command(record);
        auto read =
            schemas::read_data<domain::PaymentCommand>(head->type, head->data, Unknown::refuse);
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(record.size()));
}
BENCHMARK(ReadCommand);

void ReadEvent(benchmark::State& state) {
    std::string data, record;
    write_event_record(data, record);
    schemas::EnvelopeReader reader;
    for (auto _ : state) {
        const auto head = reader.event(record);
        auto read = schemas::read_data<domain::PaymentEvent>(head->type, head->data, Unknown::skip);
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(record.size()));
}
BENCHMARK(ReadEvent);

void WriteEvent(benchmark::State& state) {
    std::string data, record;
    for (auto _ : state) {
        write_event_record(data, record);
        benchmark::DoNotOptimize(record.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(record.size()));
}
BENCHMARK(WriteEvent);

void ParseOnly(benchmark::State& state) {
    const std::string record = command_record();
    schemas::Parser parser;
    for (auto _ : state) {
        auto json = parser.parse(record, schemas::record_bytes_max);
        benchmark::DoNotOptimize(json);
    }
}
BENCHMARK(ParseOnly);

void DecideAndEvolve(benchmark::State& state) {
    for (auto _ : state) {
        domain::Payment payment;
        const auto decision = decide(payment, command, now);
        payment = evolve(std::move(payment), decision->front());
        benchmark::DoNotOptimize(payment);
    }
}
BENCHMARK(DecideAndEvolve);

void Fingerprint(benchmark::State& state) {
    std::string data;
    schemas::write_data(command, data);
    for (auto _ : state) {
        auto digits = schemas::fingerprint(schemas::type_of(command), data);
        benchmark::DoNotOptimize(digits);
    }
}
BENCHMARK(Fingerprint);

} // namespace

BENCHMARK_MAIN();
