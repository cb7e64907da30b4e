#include "gateways/sandbox/grid/requests.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>

namespace gateways::sandbox::grid {

namespace {

namespace json = boost::json;
using Names = std::initializer_list<std::string_view>;

constexpr std::int64_t whole_max = 9'007'199'254'740'991; // What a JavaScript number holds.
constexpr std::int64_t id_max = 0xffffffff;

[[noreturn]] void refuse(std::string message) { throw Refusal{"validation", std::move(message)}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

const json::object& fields(const json::value& value, std::string_view where, Names allowed) {
    if (!value.is_object()) refuse(std::string{where} + " must be an object");
    for (const auto& field : value.get_object())
        if (std::ranges::find(allowed, std::string_view{field.key()}) == allowed.end())
            refuse(std::string{where} + " has an unknown field '" + std::string{field.key()} + "'");
    return value.get_object();
}

std::string text(const json::object& given, std::string_view name, std::size_t longest,
                 std::optional<std::string> fallback = {}) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr && fallback) return *fallback;
    if (value == nullptr || !value->is_string()) refuse(std::string{name} + " must be a string");
    if (value->get_string().size() > longest)
        refuse(std::string{name} + " must not be longer than " + std::to_string(longest) +
               " characters");
    return std::string{value->get_string()};
}

std::int64_t whole(const json::object& given, std::string_view name, std::int64_t least,
                   std::int64_t most, std::optional<std::int64_t> fallback = {}) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr && fallback) return *fallback;
    std::optional<std::int64_t> number;
    if (value != nullptr && value->is_int64()) number = value->get_int64();
    // 2.0 is a whole number, too, to who reads JSON as JavaScript does.
    if (value != nullptr && value->is_double()) {
        const double real = value->get_double();
        if (std::trunc(real) == real && std::abs(real) <= static_cast<double>(whole_max))
            number = static_cast<std::int64_t>(real);
    }
    if (!number) refuse(std::string{name} + " must be a whole number");
    if (*number < least || *number > most)
        refuse(std::string{name} + " must be between " + std::to_string(least) + " and " +
               std::to_string(most));
    return *number;
}

bool flag(const json::object& given, std::string_view name, bool fallback) {
    const json::value* value = given.if_contains(name);
    if (value == nullptr) return fallback;
    if (!value->is_bool()) refuse(std::string{name} + " must be true or false");
    return value->get_bool();
}

std::map<std::string, std::string> environment(const json::object& body) {
    std::map<std::string, std::string> all;
    const json::value* given = body.if_contains("env");
    if (given == nullptr) return all;
    if (!given->is_object()) refuse("env must be an object");
    if (given->get_object().size() > 64) refuse("env must not have more than 64 variables");
    for (const auto& one : given->get_object()) {
        const std::string_view key = one.key();
        if (key.empty() || key.size() > 64 || is_digit(key[0]) ||
            !std::ranges::all_of(key, is_word))
            refuse("env has a variable with a bad name");
        all[std::string{key}] = text(given->get_object(), key, 8192);
    }
    return all;
}

Sizes sizes(const json::object& body) {
    static const json::value absent;
    const json::value* given = body.if_contains("resources");
    const json::object& all = fields(given == nullptr ? absent : *given, "resources",
                                     {"cru", "mru", "sru", "hru", "gpus", "public_ips"});
    Sizes is;
    is.cru = whole(all, "cru", 1, 32);
    is.mru = whole(all, "mru", 1, 256);
    is.sru = whole(all, "sru", 0, 10240);
    is.hru = whole(all, "hru", 0, whole_max, 0);
    is.gpus = whole(all, "gpus", 0, 16, 0);
    is.public_ips = whole(all, "public_ips", 0, 1, 0);
    if (is.hru != 0) refuse("resources.hru must be 0: machines have no hard disks");
    return is;
}

struct Application {
    std::string_view name;
    Layout layout;
    std::string_view needed; // A variable of the environment.
};
constexpr std::array applications{
    Application{"ubuntu-24.04", Layout::root, ""},
    Application{"ubuntu-22.04", Layout::boot, ""},
    Application{"ubuntu-20.04", Layout::boot, ""},
    Application{"micro-ubuntu-24.04", Layout::root, ""},
    Application{"kubernetes", Layout::data, "K3S_TOKEN"},
    Application{"nextcloud", Layout::data, "NEXTCLOUD_DOMAIN"},
    Application{"open-webui", Layout::root, "OPENWEBUI_DOMAIN"},
};

bool is_address(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == text.npos ||
        (text.substr(0, scheme) != "http" && text.substr(0, scheme) != "https"))
        return false;
    text.remove_prefix(scheme + 3);
    return !text.empty() && text[0] != '/' && text[0] != ':' &&
           text.find_first_of(" \t\"<>") == text.npos;
}

Layout image(const json::object& body, const std::map<std::string, std::string>& env) {
    const bool named = body.contains("application");
    if (named == body.contains("flist")) refuse("either 'application' or 'flist' must be given");
    if (named) {
        const std::string name = text(body, "application", 64);
        for (const std::string_view field : {"entrypoint", "layout", "mountpoint"})
            if (body.contains(field))
                refuse("'" + std::string{field} + "' goes with 'flist', not with 'application'");
        const auto found = std::ranges::find(applications, name, &Application::name);
        if (found == applications.end()) refuse("application '" + name + "' is not known");
        const auto needed = env.find(std::string{found->needed});
        if (!found->needed.empty() && (needed == env.end() || needed->second.empty()))
            refuse("env." + std::string{found->needed} + " is needed by this application");
        return found->layout;
    }
    if (!is_address(text(body, "flist", 512))) refuse("flist must be an address");
    text(body, "entrypoint", 512, "");
    text(body, "mountpoint", 128, "/mnt/data");
    const std::string layout = text(body, "layout", 8, "root");
    if (layout == "root") return Layout::root;
    if (layout == "boot") return Layout::boot;
    if (layout != "data") refuse("layout must be one of root, boot, data");
    return Layout::data;
}

// Of two GiB or of half a one, as a node wants it; and a disk of at least one.
bool is_disk_large_enough(const Sizes& is, Layout layout) {
    const bool small = is.cru * is.mru < 8;
    if (layout == Layout::root) return is.sru >= (small ? 1 : 2);
    return is.sru - (small ? 1 : 2) >= 1;
}

void check_name(const std::string& name) {
    if (name.empty() || name.size() > 35 || !std::ranges::all_of(name, is_word))
        refuse("name must be 1 to 35 letters, digits or underscores");
    if (name == "ygg" || name == "pub" || name == "mycelium")
        refuse("name '" + name + "' is reserved by the nodes");
}

bool is_ip_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    return colon != text.npos && colon > 0 && colon + 1 < text.size() &&
           std::ranges::all_of(text.substr(colon + 1), is_digit) &&
           text.find_first_of("/ ") == text.npos;
}

std::vector<std::string> backends(const json::object& body, bool tls_passthrough) {
    const json::value* given = body.if_contains("backends");
    if (given == nullptr || !given->is_array() || given->get_array().empty() ||
        given->get_array().size() > 16)
        refuse("backends must hold 1 to 16 addresses");
    std::vector<std::string> all;
    for (const json::value& one : given->get_array()) {
        if (!one.is_string() || one.get_string().size() > 256)
            refuse("backends must be strings of at most 256 characters");
        all.emplace_back(one.get_string());
        if (!(tls_passthrough ? is_ip_and_port(all.back()) : is_address(all.back())))
            refuse("backends must be addresses");
    }
    return all;
}

void check_label(const std::string& name) {
    if (name.size() < 3 || name.size() > 35 ||
        !std::ranges::all_of(name, [](char c) { return is_lower(c) || is_digit(c); }))
        refuse("name must be 3 to 35 lower-case letters or digits");
}

std::optional<std::int64_t> version(const json::object& body) {
    if (!body.contains("version")) return std::nullopt;
    return whole(body, "version", 0, id_max);
}

json::value or_null(const std::optional<std::int64_t>& number) {
    return number ? json::value(*number) : json::value{};
}

ChangeOrder change(const json::object& body, std::optional<Sizes> resources) {
    ChangeOrder order{resources, flag(body, "allow_root_reset", false), version(body), {}};
    json::array contents{order.allow_root_reset, or_null(order.version)};
    if (resources) contents.push_back(render(*resources));
    order.contents = json::serialize(contents);
    return order;
}

} // namespace

json::object render(const Sizes& is) {
    return {{"cru", is.cru}, {"mru", is.mru},   {"sru", is.sru},
            {"hru", is.hru}, {"gpus", is.gpus}, {"public_ips", is.public_ips}};
}

DeploymentOrder read_deployment(const json::value& given) {
    const json::object& body =
        fields(given, "the body",
               {"name", "node", "farm", "resources", "ssh_key", "application", "flist",
                "entrypoint", "layout", "mountpoint", "env", "metadata", "network"});
    DeploymentOrder order;
    const auto env = environment(body);
    order.layout = image(body, env);
    if (const json::value* network = body.if_contains("network")) {
        const json::object& wanted = fields(*network, "network", {"planetary", "mycelium"});
        order.planetary = flag(wanted, "planetary", false);
        order.mycelium = flag(wanted, "mycelium", true);
    }
    const std::string ssh_key = text(body, "ssh_key", 4096);
    if (ssh_key.find_first_of("\r\n") != ssh_key.npos) refuse("ssh_key must be one line");
    order.name = text(body, "name", 256);
    check_name(order.name);
    order.node = whole(body, "node", 1, id_max);
    order.farm = whole(body, "farm", 0, id_max, 0);
    order.resources = sizes(body);
    order.metadata = text(body, "metadata", 512, "");
    if (!is_disk_large_enough(order.resources, order.layout))
        refuse("resources.sru is too small for the image and the memory");

    json::array variables;
    for (const auto& [key, value] : env)
        variables.push_back(json::array{key, value});
    const auto as_given = [&](std::string_view name) {
        const json::value* value = body.if_contains(name);
        return value == nullptr ? json::value{} : *value;
    };
    order.contents = json::serialize(
        json::array{order.name, order.node, order.farm, render(order.resources), ssh_key,
                    as_given("application"), as_given("flist"), as_given("entrypoint"),
                    as_given("layout"), as_given("mountpoint"), std::move(variables),
                    order.metadata, order.planetary, order.mycelium});
    return order;
}

ChangeOrder read_restart(const json::value& given) {
    return change(fields(given, "the body", {"allow_root_reset", "version"}), {});
}

ChangeOrder read_resize(const json::value& given) {
    const json::object& body =
        fields(given, "the body", {"resources", "allow_root_reset", "version"});
    return change(body, sizes(body));
}

NameOrder read_name(const json::value& given) {
    const json::object& body =
        fields(given, "the body", {"name", "node", "backends", "tls_passthrough"});
    NameOrder order;
    order.name = text(body, "name", 256);
    order.node = whole(body, "node", 0, id_max, 0);
    order.tls_passthrough = flag(body, "tls_passthrough", false);
    order.backends = backends(body, order.tls_passthrough);
    check_label(order.name);
    order.contents = json::serialize(
        json::array{order.node, json::value_from(order.backends), order.tls_passthrough});
    return order;
}

NameOrder read_backends(std::string_view name, const json::value& given) {
    const json::object& body = fields(given, "the body", {"backends", "version"});
    NameOrder order;
    order.name = name;
    order.backends = backends(body, false);
    order.version = version(body);
    check_label(order.name);
    order.contents =
        json::serialize(json::array{json::value_from(order.backends), or_null(order.version)});
    return order;
}

std::string read_path_name(std::string_view text) {
    if (text.empty() || text.size() > 35 || !std::ranges::all_of(text, is_word))
        refuse("name must be 1 to 35 letters, digits or underscores");
    return std::string{text};
}

std::int64_t read_number(std::string_view text, std::string_view what) {
    std::int64_t number = 0;
    if (text.size() <= 16 && std::ranges::all_of(text, is_digit))
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (number < 1 || number > whole_max)
        refuse(std::string{what} + " must be a whole number above 0");
    return number;
}

} // namespace gateways::sandbox::grid
