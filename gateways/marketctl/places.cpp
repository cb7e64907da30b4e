#include "gateways/marketctl/places.hpp"

#include "bus/embedded/embedded.hpp"
#include "bus/kafka/survey.hpp"
#include "gateways/marketctl/progress.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/inotify.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace gateways::marketctl {

namespace {

using Clock = std::chrono::steady_clock;

// A transaction whose producer died is ended by the broker: after its own time-out (10 s here)
// at the broker's next look (every 10 s).
constexpr std::chrono::seconds settle_patience{60};
constexpr bus::milliseconds look_again{500};

std::filesystem::path log_folder(const Place& place) { return place.data / "log"; }

std::string name(const Place& place) {
    return place.on_kafka
               ? "the log with prefix '" + place.kafka.prefix + "' on " + place.kafka.brokers
               : log_folder(place).string();
}

std::unique_ptr<bus::Log> open_embedded(const Place& place, bool read_only, int partitions = 0) {
    bus::embedded::Options options;
    options.folder = log_folder(place);
    options.partitions = partitions;
    options.read_only = read_only;
    if (read_only && !std::filesystem::is_directory(options.folder))
        throw bus::Error{options.folder.string() + " holds no log"};
    return bus::embedded::open(std::move(options));
}

// What is written just now can look like damage; then it is whole a moment later.
std::unique_ptr<bus::Log> open_beside_writer(const Place& place) {
    for (int tries = 5;;) {
        try {
            return open_embedded(place, true);
        } catch (const bus::Error&) {
            if (--tries == 0) throw;
            std::this_thread::sleep_for(bus::milliseconds{20});
        }
    }
}

std::unique_ptr<bus::Log> open_kafka(const Place& place, int partitions) {
    bus::kafka::Options options = place.kafka;
    options.partitions = partitions;
    return bus::kafka::open(std::move(options));
}

int existing_partitions(const Place& place) {
    const int partitions = bus::kafka::survey(place.kafka).partitions;
    if (partitions == 0) throw bus::Error{"there is no such log: " + name(place)};
    return partitions;
}

// Returns the partitions, 0 when there is no log.
int stopped_kafka(const Place& place) {
    const auto until = Clock::now() + settle_patience;
    while (true) {
        const auto found = bus::kafka::survey(place.kafka);
        if (found.in_use)
            throw bus::Error{name(place) + " is in use: its group '" + place.kafka.prefix +
                             place.kafka.group +
                             "' has members. Stop the servers first (one that was killed is a "
                             "member until its session ends)"};
        if (found.settled) return found.partitions;
        if (interrupted()) throw Interrupted{};
        if (Clock::now() > until)
            throw bus::Error{name(place) + " has a transaction open that does not end"};
        std::this_thread::sleep_for(look_again);
    }
}

} // namespace

Place parse_place(std::string_view text) {
    Place place;
    const auto colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view rest = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
    if (kind == "embedded" && !rest.empty()) {
        place.data = rest;
        return place;
    }
    const auto slash = rest.find('/');
    if (kind != "kafka" || slash == rest.npos || slash == 0)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' is neither embedded:DIR nor "
                                    "kafka:HOST:PORT[,HOST:PORT]/PREFIX[@GROUP]"};
    place.on_kafka = true;
    place.kafka.brokers = rest.substr(0, slash);
    const std::string_view names = rest.substr(slash + 1);
    const auto at = names.find('@');
    place.kafka.prefix = names.substr(0, at);
    if (at != names.npos) place.kafka.group = names.substr(at + 1);
    if (place.kafka.group.empty()) throw std::invalid_argument{"the group is empty"};
    return place;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_{::open((folder / "lock").c_str(), O_RDONLY | O_CLOEXEC)} {
    if (descriptor_ < 0)
        throw bus::Error{folder.string() + " cannot be locked: " + std::strerror(errno)};
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        ::close(std::exchange(descriptor_, -1));
        throw bus::Error{folder.string() + " is in use: stop the server first"};
    }
}
FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)} {}
FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}
FolderLock::~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::unique_ptr<bus::Log> open_running(const Place& place) {
    return place.on_kafka ? open_kafka(place, existing_partitions(place))
                          : open_beside_writer(place);
}

StoppedLog open_stopped(const Place& place) {
    if (place.on_kafka) {
        const int partitions = stopped_kafka(place);
        if (partitions == 0) throw bus::Error{"there is no such log: " + name(place)};
        return {{}, open_kafka(place, partitions)};
    }
    if (!std::filesystem::is_directory(log_folder(place)))
        throw bus::Error{log_folder(place).string() + " holds no log"};
    FolderLock lock{log_folder(place)};
    return {std::move(lock), open_embedded(place, true)};
}

std::unique_ptr<bus::Log> open_to_append(const Place& place) {
    if (place.on_kafka) return open_kafka(place, existing_partitions(place));
    if (!std::filesystem::is_directory(log_folder(place)))
        throw bus::Error{log_folder(place).string() + " holds no log"};
    return open_embedded(place, false);
}

std::unique_ptr<bus::Log> open_target(const Place& place, int partitions) {
    if (!place.on_kafka) return open_embedded(place, false, partitions);
    static_cast<void>(stopped_kafka(place));
    return open_kafka(place, partitions);
}

bool same_place(const Place& left, const Place& right) {
    if (left.on_kafka != right.on_kafka) return false;
    if (left.on_kafka)
        return left.kafka.brokers == right.kafka.brokers && left.kafka.prefix == right.kafka.prefix;
    std::error_code none;
    return std::filesystem::weakly_canonical(log_folder(left), none) ==
           std::filesystem::weakly_canonical(log_folder(right), none);
}

void wait_for_change(const Place& place, bus::milliseconds wait) {
    const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch < 0 ||
        ::inotify_add_watch(watch, log_folder(place).c_str(), IN_MODIFY | IN_CREATE) < 0) {
        // Without it the log is just looked at again.
        if (watch >= 0) ::close(watch);
        std::this_thread::sleep_for(wait);
        return;
    }
    pollfd one{watch, POLLIN, 0};
    ::poll(&one, 1, static_cast<int>(wait.count()));
    ::close(watch);
}

} // namespace gateways::marketctl
