#include "gateways/marketctl/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace gateways::marketctl {

std::shared_ptr<Place> add_place(CLI::App& command) {
    auto place = std::make_shared<Place>();
    // marketd reads the same variables, so that one environment serves both.
    command.add_option("--data", place->data, "Data folder; its folder log is the embedded log")
        ->envname("MARKETD_DATA")
        ->capture_default_str();
    command
        .add_option_function<std::string>(
            "--log", [place](const std::string& kind) { place->on_kafka = kind == "kafka"; },
            "Where the log is: embedded or kafka (default embedded)")
        ->envname("MARKETD_LOG")
        ->check(CLI::IsMember({"embedded", "kafka"}));
    place->kafka.brokers = "127.0.0.1:9092";
    command.add_option("--kafka-brokers", place->kafka.brokers, "host:port, comma-separated")
        ->envname("MARKETD_KAFKA_BROKERS")
        ->capture_default_str()
        ->group("Kafka");
    command.add_option("--kafka-prefix", place->kafka.prefix, "Put before the topics' names")
        ->envname("MARKETD_KAFKA_PREFIX")
        ->group("Kafka");
    command.add_option("--kafka-group", place->kafka.group, "Consumer group of the processors")
        ->envname("MARKETD_KAFKA_GROUP")
        ->capture_default_str()
        ->group("Kafka");
    add_settings(command, "--kafka-set", place->kafka,
                 "librdkafka setting, as key=value; repeatable");
    command.get_option("--kafka-set")->envname("MARKETD_KAFKA_SET")->group("Kafka");
    return place;
}

void add_settings(CLI::App& command, const std::string& flag, bus::kafka::Options& options,
                  const std::string& text) {
    command.add_option_function<std::vector<std::string>>(
        flag,
        [flag, &options](const std::vector<std::string>& settings) {
            for (const std::string& setting : settings) {
                const auto equals = setting.find('=');
                if (equals == 0 || equals == std::string::npos)
                    throw CLI::ValidationError(flag, setting + " is not key=value");
                options.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
            }
        },
        text);
}

CLI::App& add_command(CLI::App& parent, const char* name, const char* what, const char* more) {
    CLI::App& command = *parent.add_subcommand(name, what);
    command.footer(more);
    return command;
}

void print_line(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
}

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return text;
}

} // namespace gateways::marketctl
