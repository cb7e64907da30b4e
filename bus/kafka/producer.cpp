#include "bus/kafka/producer.hpp"

#include <algorithm>
#include <chrono>

namespace bus::kafka {

namespace {

constexpr int poll_ms = 100;

constexpr std::size_t small_transaction = 1'000; // Records.
// After this librdkafka asks again for partitions that were refused.
constexpr milliseconds registration_retry{20};
constexpr milliseconds not_the_retry{100};
constexpr std::chrono::microseconds pause_min{500}, pause_max{10'000}, longer{500}, shorter{5};

// Somebody else has the producer's id, or its transaction was ended from outside.
bool fenced(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_INVALID_TXN_STATE: return true;
    default: return false;
    }
}

// The group does not know the owner (any more).
bool refused_by_group(rd_kafka_resp_err_t code) {
    switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS: return true;
    default: return false;
    }
}

Configuration producer_configuration(Callbacks& callbacks, const std::string& id) {
    const milliseconds timeout = callbacks.context.options().transaction_timeout;
    // A message has to be given up while its transaction can still be aborted.
    const milliseconds message_timeout = timeout * 4 / 5;
    return configuration(callbacks,
                         {{"transactional.id", id},
                          {"transaction.timeout.ms", std::to_string(timeout.count())},
                          {"message.timeout.ms", std::to_string(message_timeout.count())},
                          {"enable.idempotence", "true"},
                          {"acks", "all"},
                          // The processor's batches are the only batching there is.
                          {"linger.ms", "0"},
                          {"batch.num.messages", "100000"},
                          // A transaction is held in memory by its maker anyhow.
                          {"queue.buffering.max.messages", "10000000"},
                          {"queue.buffering.max.kbytes", "2097151"}});
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    static_cast<Callbacks*>(opaque)->delivered(*message);
}

// Index of an entry as a message carries it.
void* opaque_of(std::size_t index) {
    return reinterpret_cast<void*>(index); // NOLINT: a number travels as a pointer here.
}
std::size_t index_of(const void* opaque) { return reinterpret_cast<std::size_t>(opaque); }

} // namespace

Producer::Producer(Context& context, std::string id, milliseconds wait)
    : context_{context},
      id_{std::move(id)},
      callbacks_{context, {}, [this](const rd_kafka_message_t& message) { delivered(message); }} {
    Configuration made = producer_configuration(callbacks_, id_);
    rd_kafka_conf_set_dr_msg_cb(made.get(), on_delivery);
    client_ = make_producer(std::move(made));
    for (const Topic topic : all_topics)
        topics_[static_cast<std::size_t>(topic)].reset(
            rd_kafka_topic_new(client_.get(), context_.topic(topic).c_str(), nullptr));

    const auto until = Clock::now() + wait;
    // A record produced before its topic is known is set aside and later sent on without its
    // partition ever having been added to the transaction; there it stays until it times out.
    for (const TopicHandle& topic : topics_)
        if (const std::string why =
                learn(client_.get(), topic.get(), context_.options().partitions, wait);
            !why.empty())
            throw Error{why};
    for (;;) {
        const Fault fault{
            rd_kafka_init_transactions(client_.get(), static_cast<int>(wait.count()))};
        if (!fault) return;
        if (rd_kafka_error_is_retriable(fault.get()) == 0 || Clock::now() > until)
            throw Error{"Kafka: no transactional producer '" + id_ + "': " + text(fault)};
    }
}

int Producer::patience() const {
    // Longer than a request may take, so that librdkafka's own answer comes first.
    return static_cast<int>(context_.options().transaction_timeout.count()) + 2'000;
}

void Producer::delivered(const rd_kafka_message_t& message) {
    --outstanding_;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR)
        offsets_[index_of(message._private)] = message.offset;
    else if (failed_ == RD_KAFKA_RESP_ERR_NO_ERROR)
        failed_ = message.err;
}

Producer::Outcome Producer::judged(rd_kafka_resp_err_t code, const std::string& what) const {
    const std::string reason = "Kafka: " + what + ": " + text(code);
    if (fenced(code) || rd_kafka_fatal_error(client_.get(), nullptr, 0) != 0)
        return {Step::broken, reason};
    if (refused_by_group(code)) return {Step::ownership_lost, reason};
    return {Step::refused, reason};
}

Producer::Outcome Producer::judged(const Fault& fault, const std::string& what) const {
    if (!fault) return {};
    Outcome outcome = judged(rd_kafka_error_code(fault.get()), what);
    outcome.reason = "Kafka: " + what + ": " + text(fault);
    if (rd_kafka_error_is_fatal(fault.get()) != 0) outcome.step = Step::broken;
    return outcome;
}

void Producer::collect(const Transaction& transaction) {
    for (auto& messages : messages_)
        messages.clear();
    offsets_.assign(transaction.entries().size(), -1);
    failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::size_t index = 0;
    for (const Transaction::Entry& entry : transaction.entries()) {
        const std::string_view key = transaction.key(entry);
        const std::string_view value = transaction.value(entry);
        rd_kafka_message_t message{};
        message.partition = entry.partition;
        // Not copied and not changed: all deliveries are over when commit() returns.
        message.payload = const_cast<char*>(value.data());
        message.len = value.size();
        message.key = const_cast<char*>(key.data());
        message.key_len = key.size();
        message._private = opaque_of(index++);
        messages_[static_cast<std::size_t>(entry.topic)].push_back(message);
    }
}

Producer::Outcome Producer::begin() {
    const Fault fault{rd_kafka_begin_transaction(client_.get())};
    return judged(fault, "the transaction cannot begin");
}

Producer::Outcome Producer::enqueue(Topic topic) {
    const auto at = static_cast<std::size_t>(topic);
    std::vector<rd_kafka_message_t>& messages = messages_[at];
    std::size_t done = 0;
    while (done < messages.size()) {
        const int taken = rd_kafka_produce_batch(topics_[at].get(), RD_KAFKA_PARTITION_UA,
                                                 RD_KAFKA_MSG_F_PARTITION, messages.data() + done,
                                                 static_cast<int>(messages.size() - done));
        outstanding_ += static_cast<std::size_t>(taken);
        if (static_cast<std::size_t>(taken) == messages.size() - done) break;
        // Once the queue is full nothing more of the call is taken, so order is kept.
        for (; done < messages.size(); ++done)
            if (messages[done].err != RD_KAFKA_RESP_ERR_NO_ERROR) break;
        if (messages[done].err != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return judged(messages[done].err,
                          "a record for '" + context_.topic(topic) + "' is not taken");
        rd_kafka_poll(client_.get(), poll_ms);
        if (failed_ != RD_KAFKA_RESP_ERR_NO_ERROR) break; // await_delivery() tells.
    }
    return {};
}

Producer::Outcome Producer::enqueue() {
    for (const Topic topic : all_topics)
        if (Outcome outcome = enqueue(topic); outcome.step != Step::done) return outcome;
    return {};
}

// Asking for the reports before the end, and not leaving it to the commit, saves 8 ms: its own
// flush looks every 10 ms.
Producer::Outcome Producer::await_delivery() {
    while (outstanding_ > 0 && failed_ == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_poll(client_.get(), poll_ms);
    if (failed_ == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    Outcome outcome = judged(failed_, "a record was not written");
    // Who could not be reached for so long would have to be waited for again, for the abort. The
    // next claim fences this producer, which aborts as well.
    if (failed_ == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) outcome.step = Step::broken;
    return outcome;
}

Producer::Outcome Producer::send(Positions positions) {
    if (positions.offsets == nullptr) return {};
    const auto until = Clock::now() + context_.options().transaction_timeout;
    for (;;) {
        const Fault fault{rd_kafka_send_offsets_to_transaction(client_.get(), positions.offsets,
                                                               positions.group, patience())};
        if (fault && rd_kafka_error_is_retriable(fault.get()) != 0 && Clock::now() < until)
            continue;
        return judged(fault, "the consumed positions are not taken");
    }
}

Producer::Outcome Producer::end() {
    const auto until = Clock::now() + context_.options().transaction_timeout;
    for (;;) {
        const Fault fault{rd_kafka_commit_transaction(client_.get(), patience())};
        if (!fault) return {};
        if (rd_kafka_error_is_retriable(fault.get()) != 0 && Clock::now() < until) continue;
        // Whatever it is called, and even where the library would let us abort: the request may
        // have reached the coordinator.
        return {Step::broken,
                "Kafka: it is not clear whether the transaction was committed: " + text(fault)};
    }
}

Producer::Outcome Producer::abort() {
    const auto until = Clock::now() + context_.options().transaction_timeout;
    for (;;) {
        const Fault fault{rd_kafka_abort_transaction(client_.get(), patience())};
        if (!fault) return {};
        if (rd_kafka_error_is_retriable(fault.get()) != 0 && Clock::now() < until) continue;
        return {Step::broken, "Kafka: the transaction cannot be aborted: " + text(fault)};
    }
}

// Longer at once when it was too short, shorter by little, so that few transactions find out.
void Producer::rest(std::size_t records, Clock::duration delivery) {
    if (records > small_transaction) return;
    const bool refused = delivery >= registration_retry && delivery < not_the_retry;
    pause_ += refused ? longer : -shorter;
    pause_ = std::clamp(pause_, pause_min, pause_max);
    rested_ = Clock::now() + pause_;
}

Producer::Outcome Producer::run(const Transaction& transaction, Positions positions) {
    if (Outcome outcome = begin(); outcome.step != Step::done) {
        // There is nothing to abort; what keeps a transaction from beginning does not pass.
        outcome.step = Step::broken;
        return outcome;
    }
    collect(transaction);
    const auto begun = Clock::now();
    Outcome outcome = enqueue();
    Outcome delivery = await_delivery();
    const auto delivered = Clock::now();
    // What was taken is waited for all the same: the coordinator calls an abort that comes
    // before the partitions were added to the transaction invalid, and that is fatal.
    if (outcome.step == Step::done || delivery.step == Step::broken) outcome = std::move(delivery);
    if (outcome.step == Step::done) outcome = send(positions);
    if (outcome.step == Step::done) {
        outcome = end();
        rest(transaction.entries().size(), delivered - begun);
        return outcome;
    }
    if (outcome.step == Step::broken) return outcome;

    Outcome aborted = abort();
    if (aborted.step == Step::done) return outcome;
    aborted.reason = outcome.reason + "; " + aborted.reason;
    return aborted;
}

Commit Producer::commit(const Transaction& transaction, Positions positions) {
    if (!usable()) return {Commit::State::lost, {}, "Kafka: the producer was given up"};
    return told(run(transaction, positions));
}

Commit Producer::verify(Positions positions) {
    if (!usable()) return {Commit::State::lost, {}, "Kafka: the producer was given up"};
    offsets_.clear();
    Outcome outcome = begin();
    if (outcome.step != Step::done) return told({Step::broken, outcome.reason});
    outcome = send(positions);
    if (outcome.step == Step::broken) return told(std::move(outcome));
    Outcome aborted = abort();
    return told(std::move(aborted.step == Step::done ? outcome : aborted));
}

Commit Producer::told(Outcome outcome) {
    switch (outcome.step) {
    case Step::done: return {Commit::State::committed, offsets_, {}};
    case Step::refused: return {Commit::State::refused, {}, std::move(outcome.reason)};
    case Step::ownership_lost: return {Commit::State::lost, {}, std::move(outcome.reason)};
    case Step::broken: break;
    }
    // At once: its threads may still read the transaction's bytes.
    for (TopicHandle& topic : topics_)
        topic.reset();
    client_.reset();
    outstanding_ = 0;
    return {Commit::State::lost, {}, std::move(outcome.reason)};
}

void Producer::serve() {
    if (usable()) rd_kafka_poll(client_.get(), 0);
}

} // namespace bus::kafka
