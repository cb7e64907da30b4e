#include "tests/crash/audit.hpp"

#include "bus/topic.hpp"

#include <openssl/evp.h>

namespace tests::crash {

namespace {

constexpr std::size_t findings_max = 1000;
constexpr std::string_view answered_type = "command.answered";

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, 32> digest;
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string hex;
    for (const unsigned char byte : digest) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex;
}

bool accepted(int status) { return status >= 200 && status < 300; }

std::string_view text(const simdjson::dom::element& record, const char* field) {
    std::string_view value;
    if (record[field].get(value) != simdjson::SUCCESS) return {};
    return value;
}

// The amount a command or an event is about, where it has one.
bool amount_of(const simdjson::dom::element& data, std::int64_t& amount) {
    return data["amount"]["minor"].get(amount) == simdjson::SUCCESS;
}

// A command that a policy made: "<event>/<policy>/<step>". No client sent it.
bool follows(std::string_view command) { return command.find('/') != std::string_view::npos; }

} // namespace

Audit::Audit(int partitions, Identity identity)
    : partitions_{partitions},
      identity_{std::move(identity)},
      places_(static_cast<std::size_t>(partitions)) {
    for (Partition& place : places_)
        place.previous.assign(64, '0');
}

void Audit::found(std::string text) {
    ++violations_;
    if (findings_.size() < findings_max) findings_.push_back(std::move(text));
}

void Audit::sent(const Sent& sent) {
    Command& command = commands_[identity_.command(sent.path, sent.key)];
    if (!command.name.empty()) return found("the client used a key twice: " + command.name);
    command.name = std::string{sent.key} + " " + std::string{sent.path};
    command.type = sent.type;
    simdjson::dom::element body;
    if (parser_.parse(sent.body.data(), sent.body.size()).get(body) == simdjson::SUCCESS)
        command.has_amount = amount_of(body, command.amount);
    ++counts_.sent;
}

void Audit::answered(const Answered& answered) {
    std::string id = identity_.command(answered.path, answered.key);
    const auto at = commands_.find(id);
    if (at == commands_.end() || at->second.name.empty())
        return found("answered, and never sent: " + std::string{answered.key});
    Command& command = at->second;
    if (command.answers++ > 0) {
        ++counts_.repeats;
        check_repeat(command, answered);
    } else {
        ++counts_.acknowledged;
        ++(accepted(answered.status) ? counts_.accepted : counts_.refused);
        command.status = answered.status;
        command.code = answered.code;
        to_compare_.push_back(std::move(id));
    }
    // Not every kind of answer tells everything: the first that does is kept.
    if (command.version == 0) command.version = answered.version;
    if (command.id.empty()) command.id = answered.id;
    if (command.position.empty()) command.position = answered.position;
    if (command.hash.empty()) command.hash = answered.hash;
}

void Audit::check_repeat(const Command& command, const Answered& answered) {
    const auto differs = [&](const char* what, std::string_view first, std::string_view now) {
        if (!first.empty() && !now.empty() && first != now)
            found("the repeat of " + command.name + " got another " + what + ": first " +
                  std::string{first} + ", now " + std::string{now});
    };
    if (command.status != answered.status)
        found("the repeat of " + command.name + " got another status: first " +
              std::to_string(command.status) + ", now " + std::to_string(answered.status));
    if (command.version != 0 && answered.version != 0 && command.version != answered.version)
        found("the repeat of " + command.name + " got another version: first " +
              std::to_string(command.version) + ", now " + std::to_string(answered.version));
    if (command.code != answered.code)
        found("the repeat of " + command.name + " got another code: first \"" + command.code +
              "\", now \"" + std::string{answered.code} + "\"");
    differs("id", command.id, answered.id);
    differs("position", command.position, answered.position);
    differs("body", command.hash, answered.hash);
}

void Audit::reused(const Reused& reused) {
    ++counts_.reused;
    if (reused.status != 422 || reused.code != "idempotency_key_reused")
        found("key " + std::string{reused.key} + " with another body was answered " +
              std::to_string(reused.status) + " " + std::string{reused.code});
}

void Audit::complaint(std::string_view text) { found("the client saw: " + std::string{text}); }

void Audit::logged(int number, std::int64_t offset, std::string_view bytes) {
    const std::string where = std::to_string(number) + ":" + std::to_string(offset);
    if (number < 0 || number >= partitions_) return found(where + " is no partition");
    Partition& place = places_[static_cast<std::size_t>(number)];
    ++counts_.events;
    simdjson::dom::element record;
    if (parser_.parse(bytes.data(), bytes.size()).get(record) != simdjson::SUCCESS)
        return found(where + " is not JSON");
    check_chain(place, number, offset, bytes, text(record, "previous"));

    const std::string id{text(record, "command")};
    const std::string_view type = text(record, "type"), stream = text(record, "stream");
    std::uint64_t sequence = 0;
    if (record["sequence"].get(sequence) != simdjson::SUCCESS) found(where + " has no sequence");
    check_stream(number, offset, stream, sequence, type, text(record, "tenant"));

    Command& command = commands_[id];
    if (command.name.empty() && !follows(id)) unsent_.push_back(id);
    Effect& effect = command.effect;
    const std::string name = command.name.empty() ? id : command.name;
    ++effect.records;
    // All records of a command are one after the other, and numbered: it was decided once.
    const std::string_view record_id = text(record, "id");
    const bool once = place.command == id && !effect.answered_only && type != answered_type &&
                      effect.stream == stream && record_id != id + ".1";
    if (effect.records > 1 && !once)
        found("took effect twice: " + name + ", again at " + where);
    else if (record_id != id + "." + std::to_string(effect.records))
        found(where + " has the id " + std::string{record_id} + ", but is record " +
              std::to_string(effect.records) + " of its command");
    place.command = id;
    effect.partition = number;
    effect.stream = stream;
    effect.type = type;
    effect.last_offset = streams_[effect.stream].offset;
    effect.last_sequence = streams_[effect.stream].sequence;
    effect.answered_only = type == answered_type;
    simdjson::dom::element data;
    if (record["data"].get(data) != simdjson::SUCCESS) return found(where + " has no data");
    if (effect.answered_only)
        effect.rejection = text(data, "rejection");
    else
        effect.has_amount = amount_of(data, effect.amount);
}

void Audit::check_chain(Partition& place, int number, std::int64_t offset, std::string_view bytes,
                        std::string_view previous) {
    const std::string where = std::to_string(number) + ":" + std::to_string(offset);
    if (offset <= place.offset) found(where + " comes after " + std::to_string(place.offset));
    if (previous != place.previous)
        found(where + " does not carry the SHA-256 of the record before it");
    place.offset = offset;
    place.previous = sha256(bytes);
}

void Audit::check_stream(int partition, std::int64_t offset, std::string_view name,
                         std::uint64_t sequence, std::string_view type, std::string_view tenant) {
    const std::string where = std::to_string(partition) + ":" + std::to_string(offset);
    if (bus::partition_of(name, partitions_) != partition)
        found(where + ": " + std::string{name} + " does not belong into this partition");
    Stream& stream = streams_[std::string{name}];
    stream.partition = partition;
    if (type == answered_type) {
        if (sequence != 0) found(where + ": a command.answered record has a sequence");
        return;
    }
    if (sequence != stream.sequence + 1)
        found(where + ": " + std::string{name} + " goes from sequence " +
              std::to_string(stream.sequence) + " to " + std::to_string(sequence));
    stream.sequence = sequence;
    stream.offset = offset;
    if (stream.tenant.empty()) stream.tenant = tenant;
    if (stream.tenant != tenant) found(where + ": the stream changes its tenant");
}

void Audit::compare() {
    for (const std::string& id : to_compare_)
        check_answer(id, commands_.at(id));
    to_compare_.clear();
    for (const std::string& id : suspects_)
        if (commands_.at(id).name.empty()) found("in the log, and never sent: command " + id);
    // The journal was read before the log: it may tell of these only the next time.
    suspects_ = std::exchange(unsent_, {});
}

void Audit::check_answer(const std::string& id, const Command& command) {
    const Effect& effect = command.effect;
    const std::string& name = command.name;
    if (effect.records == 0)
        return found("lost: " + name + " was answered " + std::to_string(command.status) +
                     (command.position.empty() ? "" : " at " + command.position) +
                     ", and the log has nothing of it");
    if (!command.position.empty()) {
        const std::string position =
            std::to_string(effect.partition) + ":" + std::to_string(effect.last_offset);
        if (command.position != position)
            found(name + " was answered with position " + command.position + ", and is at " +
                  position);
    }
    if (!command.id.empty() && effect.stream != "payment-" + command.id)
        found(name + " was answered for payment " + command.id + ", and is in " + effect.stream);
    if (!accepted(command.status)) {
        if (!effect.answered_only || effect.rejection != command.code)
            found(name + " was refused as " + command.code + ", and the log has " + effect.type +
                  " " + effect.rejection);
        return;
    }
    if (effect.answered_only && !effect.rejection.empty())
        found(name + " was accepted, and the log has a refusal: " + effect.rejection);
    if (command.version != 0 && command.version != effect.last_sequence)
        found(name + " was answered with version " + std::to_string(command.version) +
              ", and the log has " + std::to_string(effect.last_sequence));
    if (command.has_amount && effect.has_amount && command.amount != effect.amount)
        found(name + " was about " + std::to_string(command.amount) + ", and its event is about " +
              std::to_string(effect.amount));
    if (command.status == 201 && effect.stream != "payment-" + identity_.resource(id))
        found(name + " made " + effect.stream + ", which is not derived from its command");
}

Audit::Counts Audit::counts() const {
    Counts counts = counts_;
    for (const auto& [id, command] : commands_)
        if (command.answers == 0 && !command.name.empty())
            ++(command.effect.records > 0 ? counts.unanswered_done : counts.unanswered_not_done);
    return counts;
}

} // namespace tests::crash
