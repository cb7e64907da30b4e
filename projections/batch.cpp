#include "projections/batch.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace projections {

namespace {

// JSON holds no bytes that are not UTF-8.
void set_payload(schemas::Parked& parked, std::string_view bytes) {
    parked.base64 = !simdjson::validate_utf8(bytes.data(), bytes.size());
    if (!parked.base64) {
        parked.payload = bytes;
        return;
    }
    parked.payload.resize(4 * ((bytes.size() + 2) / 3) + 1);
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(parked.payload.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    parked.payload.resize(static_cast<std::size_t>(size));
}

constexpr std::size_t id_bytes_max = 200;

// Until the commit a position tells the entry of the transaction instead, below -1.
constexpr bus::Offset at_entry(std::size_t entry) { return -2 - static_cast<bus::Offset>(entry); }
constexpr std::size_t entry_at(bus::Offset offset) { return static_cast<std::size_t>(-2 - offset); }

} // namespace

void Processor::Batch::clear() {
    transaction_.clear();
    placed_.clear();
    answers_.clear();
}

void Processor::Batch::keep(const std::vector<bus::Offset>& offsets) {
    for (const Placed& placed : placed_) {
        const auto settle = [&](bus::Offset& position) {
            if (position < -1) position = offsets[entry_at(position)];
        };
        settle(placed.stream->seen[placed.seen].position);
        settle(placed.stream->event_position);
        placed.stream->position = offsets[placed.entry];
    }
    for (const auto& [answer, entry] : answers_)
        processor_.answers_[answer].position.offset = offsets[entry];
}

void Processor::Batch::decide(const Submission& submission) {
    const Request request{.id = submission.id,
                          .stream = submission.stream,
                          .tenant = submission.tenant,
                          .actor = submission.actor,
                          .owner = submission.owner,
                          .fingerprint = submission.fingerprint,
                          .correlation = submission.correlation,
                          .trace = submission.trace,
                          .reply = {},
                          .time = submission.time,
                          .partition = submission.partition,
                          .command = submission.command.get(),
                          .expected_sequence = submission.expected_sequence,
                          .want_state = submission.want_state};
    Answer made;
    if (const auto poison = undecidable_.find(request.id); poison != undecidable_.end()) {
        made.kind = Answer::Kind::refused;
        made.rejection = "undecidable";
        made.reason = poison->second;
        // As it would stand on the log, so that it can be tried again from `parked`.
        data_.clear();
        request.command->write_data(data_);
        const schemas::CommandView command{.id = request.id,
                                           .type = request.command->type(),
                                           .stream = request.stream,
                                           .time = request.time,
                                           .tenant = request.tenant,
                                           .actor = request.actor,
                                           .owner = request.owner,
                                           .fingerprint = request.fingerprint,
                                           .correlation = request.correlation,
                                           .trace = request.trace,
                                           .reply = {},
                                           .expected = request.expected_sequence,
                                           .data = {}};
        command_data_.clear();
        schemas::write_command(command, data_, command_data_);
        park(request.partition, -1, request.stream, command_data_, request.id, poison->second);
    } else {
        try {
            made = answer(request);
        } catch (const std::exception& error) {
            give_up(request.id, error);
        }
        // What this batch decides gets its place with the commit.
        if (made.position.offset < -1)
            answers_.emplace_back(processor_.answers_.size(), entry_at(made.position.offset));
    }
    made.asker = submission.asker;
    made.asker_item = submission.asker_item;
    processor_.answers_.push_back(std::move(made));
}

void Processor::Batch::decide(int partition, bus::Offset offset, std::string_view key,
                              std::string_view value) {
    const auto set_aside = [&](std::string_view id, std::string_view reason) {
        park(partition, offset, key, value, id, reason);
    };
    const auto read = reader_.command(value);
    if (!read) return set_aside({}, read.error().where + " " + read.error().problem);
    if (read->id.empty() || read->id.size() > id_bytes_max)
        return set_aside({}, "id is empty or too long");
    if (bus::partition_of(read->stream, processor_.log_.partitions()) != partition)
        return set_aside(read->id, "stream does not live in this partition");
    if (const auto poison = undecidable_.find(read->id); poison != undecidable_.end())
        return set_aside(read->id, poison->second);
    const AnyAggregate* aggregate = registry_.of_stream(read->stream);
    if (aggregate == nullptr) return set_aside(read->id, "stream is of no known aggregate");
    const auto command = aggregate->read_command(read->type, read->data, "data");
    if (!command) return set_aside(read->id, command.error().where + " " + command.error().problem);

    const Request request{.id = read->id,
                          .stream = read->stream,
                          .tenant = read->tenant,
                          .actor = read->actor,
                          .owner = read->owner,
                          .fingerprint = read->fingerprint,
                          .correlation = read->correlation,
                          .trace = read->trace,
                          .reply = read->reply,
                          .time = read->time,
                          .partition = partition,
                          .command = command->get(),
                          .expected_sequence = read->expected,
                          .want_state = false};
    try {
        const Answer made = answer(request);
        if (!request.reply.empty()) append_outcome(request, made);
    } catch (const std::exception& error) {
        give_up(request.id, error);
    }
}

void Processor::Batch::give_up(std::string_view id, const std::exception& error) {
    undecidable_.emplace(id, error.what());
    throw Undecidable{};
}

void Processor::Batch::park(int partition, bus::Offset offset, std::string_view key,
                            std::string_view value, std::string_view id, std::string_view reason) {
    schemas::Parked parked;
    parked.topic = "commands";
    parked.partition = partition;
    parked.offset = offset;
    parked.id = offset >= 0 ? "commands/" + std::to_string(partition) + "/" + std::to_string(offset)
                            : std::string{id};
    parked.reason = reason;
    schemas::append_time({processor_.now()}, parked.time);
    set_payload(parked, value);
    transaction_.append(bus::Topic::parked, partition, key,
                        [&](std::string& out) { schemas::write(parked, out); });
    ++processor_.meter_.parked;
}

Answer Processor::Batch::answer(const Request& request) {
    ++processor_.meter_.commands;
    Answer made;
    made.position = {request.partition, -1};
    Stream* stream = processor_.streams_.load(request.partition, request.stream);
    if (stream == nullptr) throw std::runtime_error{"stream is of no known aggregate"};

    data_.clear();
    request.command->write_data(data_);
    auto fingerprint = schemas::fingerprint(request.command->type(), data_);
    if (request.fingerprint.size() == fingerprint.size())
        std::ranges::copy(request.fingerprint, fingerprint.begin());
    fingerprint_ = fingerprint;
    const CommandHash hash = command_hash(request.id);
    if (processor_.options_.plant != ProcessorOptions::Plant::no_dedupe)
        if (const auto seen = processor_.streams_.answered(*stream, hash)) {
            made.sequence = seen->sequence;
            made.position.offset = seen->position;
            if (seen->fingerprint != fingerprint) {
                made.kind = Answer::Kind::conflict;
                ++processor_.meter_.conflicts;
                return made;
            }
            made.replayed = true;
            made.kind = seen->rejection.empty() ? Answer::Kind::accepted : Answer::Kind::refused;
            made.rejection = seen->rejection;
            ++processor_.meter_.replayed;
            return made;
        }

    made.kind = Answer::Kind::refused;
    made.sequence = stream->sequence;
    // Neither is remembered: what belongs to somebody else stays so, and strangers do not get
    // to write into it.
    if (stream->sequence != 0 &&
        (stream->tenant != request.tenant ||
         (!request.owner.empty() && stream->state->owner() != request.owner))) {
        made.rejection = "not_found";
        ++processor_.meter_.refused;
        return made;
    }
    if (stream->unreadable) {
        made.rejection = "stream_unreadable";
        ++processor_.meter_.refused;
        return made;
    }
    // Not remembered either: a version that has passed does not come back.
    if (request.expected_sequence != 0 && request.expected_sequence != stream->sequence) {
        made.rejection = "version_conflict";
        ++processor_.meter_.refused;
        return made;
    }
    return decide_now(request, *stream, {fingerprint_.data(), fingerprint_.size()});
}

Answer Processor::Batch::decide_now(const Request& request, Stream& stream,
                                    std::string_view fingerprint) {
    request_ = &request;
    stream_ = &stream;
    events_ = 0;
    head_ = {.id = {},
             .type = {},
             .stream = stream.name,
             .sequence = 0,
             .time = request.time,
             .tenant = request.tenant,
             .actor = request.actor,
             .command = request.id,
             .fingerprint = fingerprint,
             .correlation = request.correlation.empty() ? request.id : request.correlation,
             .trace = request.trace,
             .data = {},
             .previous = {}};

    Answer made;
    made.position = {request.partition, -1};
    made.rejection = stream.state->decide(*request.command, request.time, request.actor, *this);
    made.kind = made.rejection.empty() ? Answer::Kind::accepted : Answer::Kind::refused;
    ++(made.rejection.empty() ? processor_.meter_.accepted : processor_.meter_.refused);
    if (events_ == 0) {
        // Remembered in the log, so that every fold of it gives the same answer again.
        touch();
        command_data_ = "{";
        if (!made.rejection.empty()) command_data_ += "\"rejection\":\"" + made.rejection + "\"";
        command_data_ += "}";
        head_.type = schemas::CommandAnswered::type;
        head_.sequence = 0;
        event_id_.assign(request.id).append(".1");
        head_.id = event_id_;
        append_event(head_, command_data_);
    } else {
        stream.updated = request.time;
    }
    if (stream.seen.empty()) stream.seen.reserve(seen_at_first);
    Seen& seen = stream.seen.emplace_back();
    seen.command = command_hash(request.id);
    std::memcpy(seen.fingerprint.data(), fingerprint.data(), seen.fingerprint.size());
    seen.sequence = made.sequence = stream.sequence;
    seen.position = made.position.offset = stream.event_position;
    seen.rejection = made.rejection;
    placed_.push_back({last_entry_, &stream, stream.seen.size() - 1});
    if (request.want_state && made.rejection.empty()) {
        stream.state->write(made.state);
        made.created = stream.created;
        made.updated = stream.updated;
    }
    return made;
}

void Processor::Batch::touch() { processor_.streams_.touch(*stream_); }

const schemas::EventView& Processor::Batch::event(std::string_view type, std::string_view data) {
    if (stream_->sequence == 0) {
        stream_->tenant = request_->tenant;
        stream_->created = request_->time;
    }
    ++events_;
    head_.type = type;
    head_.sequence = ++stream_->sequence;
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, events_).ptr;
    event_id_.assign(request_->id).append(".").append(digits, end);
    head_.id = event_id_;
    append_event(head_, data);
    stream_->event_position = at_entry(last_entry_);
    return head_;
}

void Processor::Batch::append_event(const schemas::EventView& head, std::string_view data) {
    Partition& partition = processor_.partitions_[static_cast<std::size_t>(stream_->partition)];
    head_.previous = partition.stamp.head.text();
    last_entry_ =
        transaction_.append(bus::Topic::events, stream_->partition, stream_->name,
                            [&](std::string& out) { schemas::write_event(head, data, out); });
    const auto& entry = transaction_.entries().back();
    if (entry.value_size > bus::value_bytes_max)
        throw std::runtime_error{"the event would be larger than a record may be"};
    partition.stamp.head = chain_hash(transaction_.value(entry));
}

void Processor::Batch::command(std::string_view policy, std::string_view step,
                               std::string_view stream, std::string_view type,
                               std::string_view data) {
    command_id_.assign(short_id(head_.id)).append("/").append(policy).append("/").append(step);
    const schemas::CommandView command{.id = command_id_,
                                       .type = type,
                                       .stream = stream,
                                       .time = head_.time,
                                       .tenant = head_.tenant,
                                       .actor = policy,
                                       .owner = {},
                                       .fingerprint = {},
                                       .correlation = head_.correlation,
                                       .trace = head_.trace,
                                       .reply = {},
                                       .expected = 0,
                                       .data = {}};
    transaction_.append(bus::Topic::commands,
                        bus::partition_of(stream, processor_.log_.partitions()), stream,
                        [&](std::string& out) { schemas::write_command(command, data, out); });
}

void Processor::Batch::append_outcome(const Request& request, const Answer& answer) {
    const schemas::OutcomeView outcome{.command = request.id,
                                       .fingerprint = {fingerprint_.data(), fingerprint_.size()},
                                       .stream = request.stream,
                                       .sequence = answer.sequence,
                                       .position =
                                           std::max<bus::Offset>(answer.position.offset, -1),
                                       .rejection = answer.kind == Answer::Kind::conflict
                                                        ? std::string_view{"idempotency_key_reused"}
                                                        : std::string_view{answer.rejection},
                                       .replayed = answer.replayed};
    transaction_.append(
        bus::Topic::outcomes, bus::partition_of(request.reply, processor_.log_.partitions()),
        request.reply, [&](std::string& out) { schemas::write_outcome(outcome, out); });
}

} // namespace projections
