// Reads the sources and keeps what the design promises of them: folders that depend on each
// other in one direction, libraries that stay behind one door, a domain without I/O.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

const fs::path root{SOURCE_DIR};

// Which of our folders a folder may include. `domain/contract.hpp` is for everybody: a broken
// contract stops the program in the same way everywhere.
const std::map<std::string, std::set<std::string>> ours{
    {"domain", {"domain"}},
    {"schemas", {"schemas", "domain"}},
    {"bus", {"bus", "schemas"}},
    {"projections", {"projections", "bus", "schemas", "domain"}},
    {"gateways", {"gateways", "projections", "bus", "schemas", "domain"}},
};
const std::string contract = "domain/contract.hpp";

// Libraries that only one part may know, so that only that part changes with them. A library
// that is not named here is for all but the domain.
const std::vector<std::pair<std::string, std::string>> doors{
    {"librdkafka/", "bus/kafka/"}, {"rocksdb/", "projections/"}, {"boost/beast", "gateways/"},
    {"prometheus/", "gateways/"},  {"cjose/", "gateways/"},      {"sodium", "gateways/"},
    {"spdlog/", "gateways/"},      {"CLI/", "gateways/"},
};

// All that the domain may include from outside, besides the standard library's headers that
// have nothing to do with the world.
const std::vector<std::string> domain_libraries{"boost/describe/", "boost/system/", "boost/mp11/"};
const std::set<std::string> worldly_headers{
    "atomic",     "barrier",    "condition_variable",
    "coroutine",  "csignal",    "ctime",
    "filesystem", "fstream",    "future",
    "iostream",   "istream",    "latch",
    "locale",     "mutex",      "ostream",
    "random",     "semaphore",  "shared_mutex",
    "sstream",    "stop_token", "syncstream",
    "thread",     "cstdio",     "cfenv",
    "cmath",      "print",
};
const std::vector<std::string> worldly_words{
    "float", "double", "system_clock", "steady_clock", "utc_clock", "getenv", "rand",
};

// The domain's one word to the outside: why it stops.
const std::map<std::string, std::set<std::string>> domain_exceptions{
    {contract, {"cstdio"}},
};

constexpr std::size_t lines_max = 450;
// Files that may be longer, each with its reason.
const std::map<std::string, std::string> long_files{};

struct Source {
    std::string path; // Relative to the root, as includes are.
    std::vector<std::string> lines;
};

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream stream{file};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(std::move(line));
    return lines;
}

bool is_code(const fs::path& file) {
    static const std::set<std::string> endings{".cpp", ".hpp", ".h",  ".cc",  ".py",   ".js",
                                               ".mjs", ".ts",  ".sh", ".lua", ".java", ""};
    return endings.contains(file.extension().string()) || file.filename() == "CMakeLists.txt";
}

std::vector<Source> sources_in(const std::string& folder) {
    std::vector<Source> sources;
    for (auto at = fs::recursive_directory_iterator{root / folder}; at != fs::end(at); ++at) {
        const fs::directory_entry& entry = *at;
        // What npm brought is not ours.
        if (entry.path().filename() == "node_modules") at.disable_recursion_pending();
        if (entry.is_regular_file() && is_code(entry.path()))
            sources.push_back(
                {entry.path().lexically_relative(root).generic_string(), lines_of(entry.path())});
    }
    std::ranges::sort(sources, {}, &Source::path);
    return sources;
}

// `#include "a/b.hpp"` gives a/b.hpp.
std::optional<std::string> included(const std::string& line) {
    const auto hash = line.find_first_not_of(' ');
    if (hash == std::string::npos || !line.substr(hash).starts_with("#include"))
        return std::nullopt;
    const auto begin = line.find_first_of("<\"");
    const auto end = line.find_last_of(">\"");
    if (begin == std::string::npos || end <= begin) return std::nullopt;
    return line.substr(begin + 1, end - begin - 1);
}

std::string first_folder(const std::string& path) { return path.substr(0, path.find('/')); }

bool is_ours(const std::string& path) {
    return path.find('/') != std::string::npos &&
           (ours.contains(first_folder(path)) || first_folder(path) == "tests");
}

bool starts_with_one_of(const std::string& text, const std::vector<std::string>& beginnings) {
    return std::ranges::any_of(beginnings, [&](const auto& one) { return text.starts_with(one); });
}

// The line without its comment and without what stands between quotes.
std::string code_of(const std::string& line) {
    std::string code;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quoted && line[i] == '\\') {
            ++i;
            continue;
        }
        if (line[i] == '"') quoted = !quoted;
        if (quoted || line[i] == '"') continue;
        if (line.compare(i, 2, "//") == 0) break;
        code += line[i];
    }
    return code;
}

bool has_word(const std::string& text, const std::string& word) {
    const auto in_word = [](char c) {
        return c == '_' || std::isalnum(static_cast<unsigned char>(c));
    };
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end])))
            return true;
    }
    return false;
}

// Each rule answers with the lines of a source that break it.
using Complaints = std::vector<std::string>;

Complaints against_direction(const Source& source) {
    Complaints complaints;
    for (const auto& line : source.lines) {
        const auto path = included(line);
        if (!path || !is_ours(*path) || *path == contract) continue;
        if (!ours.at(first_folder(source.path)).contains(first_folder(*path)))
            complaints.push_back(source.path + ": " + line);
    }
    return complaints;
}

// Includes by a path relative to the including file would slip past the rule above.
Complaints against_whole_paths(const Source& source) {
    Complaints complaints;
    for (const auto& line : source.lines) {
        const auto path = included(line);
        if (path && line.find('"') != std::string::npos && !fs::exists(root / *path))
            complaints.push_back(source.path + ": " + line);
    }
    return complaints;
}

Complaints against_doors(const Source& source) {
    Complaints complaints;
    for (const auto& line : source.lines)
        for (const auto& [library, door] : doors)
            if (const auto path = included(line);
                path && path->starts_with(library) && !source.path.starts_with(door))
                complaints.push_back(source.path + ": " + line);
    return complaints;
}

Complaints against_worldliness(const Source& source) {
    Complaints complaints;
    const auto exception = domain_exceptions.find(source.path);
    const auto may_include = [&](const std::string& path) {
        if (exception != domain_exceptions.end() && exception->second.contains(path)) return true;
        if (worldly_headers.contains(path)) return false;
        const bool standard = path.find_first_of("/.") == std::string::npos;
        return standard || is_ours(path) || starts_with_one_of(path, domain_libraries);
    };
    for (const auto& line : source.lines) {
        const auto path = included(line);
        const auto code = code_of(line);
        if ((path && !may_include(*path)) ||
            std::ranges::any_of(worldly_words,
                                [&](const auto& word) { return has_word(code, word); }))
            complaints.push_back(source.path + ": " + line);
    }
    return complaints;
}

Complaints against_length(const Source& source) {
    if (source.lines.size() <= lines_max || long_files.contains(source.path)) return {};
    return {source.path + ": " + std::to_string(source.lines.size()) + " lines"};
}

Complaints all(const std::vector<std::string>& folders, Complaints (*rule)(const Source&)) {
    Complaints complaints;
    for (const auto& folder : folders) {
        const auto sources = sources_in(folder);
        if (sources.empty()) complaints.push_back(folder + ": no sources");
        for (const auto& source : sources)
            std::ranges::move(rule(source), std::back_inserter(complaints));
    }
    return complaints;
}

const std::vector<std::string> targets{"domain", "schemas", "bus", "projections", "gateways"};
const std::vector<std::string> folders{"domain",   "schemas", "bus",    "projections",
                                       "gateways", "tests",   "compose"};

TEST(Architecture, FoldersDependInOneDirection) {
    EXPECT_THAT(all(targets, against_direction), IsEmpty());
}

TEST(Architecture, FilesAreIncludedByTheirWholePath) {
    EXPECT_THAT(all(targets, against_whole_paths), IsEmpty());
}

TEST(Architecture, LibrariesStayBehindTheirDoor) {
    EXPECT_THAT(all(targets, against_doors), IsEmpty());
}

TEST(Architecture, TheDomainDoesNotKnowTheWorld) {
    EXPECT_THAT(all({"domain"}, against_worldliness), IsEmpty());
}

TEST(Architecture, NoFileHidesTwoThings) { EXPECT_THAT(all(folders, against_length), IsEmpty()); }

// The rules above would also be quiet if they saw nothing.
TEST(Architecture, TheRulesSeeWhatTheyForbid) {
    const auto source = [](const char* path, const char* line) { return Source{path, {line}}; };
    EXPECT_THAT(against_direction(source("domain/a.hpp", "#include \"bus/bus.hpp\"")), SizeIs(1));
    EXPECT_THAT(against_direction(source("bus/a.hpp", "#include \"tests/a.hpp\"")), SizeIs(1));
    EXPECT_THAT(against_direction(source("bus/a.hpp", "#include \"domain/money.hpp\"")), SizeIs(1));
    EXPECT_THAT(against_direction(source("bus/a.hpp", "#include \"schemas/a.hpp\"")), IsEmpty());
    EXPECT_THAT(against_whole_paths(source("bus/a.hpp", "#include \"absent.hpp\"")), SizeIs(1));
    EXPECT_THAT(against_doors(source("bus/a.hpp", "#include <rocksdb/db.h>")), SizeIs(1));
    EXPECT_THAT(against_doors(source("bus/embedded/a.hpp", "#include <librdkafka/rdkafka.h>")),
                SizeIs(1));
    for (const char* line :
         {"#include <thread>", "#include <unistd.h>", "#include <boost/asio.hpp>", "double rate;",
          "auto t = std::chrono::system_clock::now();"})
        EXPECT_THAT(against_worldliness(source("domain/a.hpp", line)), SizeIs(1)) << line;
    for (const char* line : {"#include <vector>", "// a double entry", "int doubled;"})
        EXPECT_THAT(against_worldliness(source("domain/a.hpp", line)), IsEmpty()) << line;
    EXPECT_THAT(against_length({"domain/a.hpp", std::vector<std::string>(lines_max + 1)}),
                SizeIs(1));
}

TEST(Architecture, EveryFolderSaysWhatBelongsThere) {
    for (const auto& folder : folders)
        EXPECT_TRUE(fs::is_regular_file(root / folder / "README.md")) << folder;
}

TEST(Architecture, TheTopLevelHoldsNothingElse) {
    const std::set<std::string> known{
        "domain",      "schemas",        "bus",
        "projections", "gateways",       "tests",
        "compose",     "CMakeLists.txt", "CMakePresets.json",
        "LICENSE",     "README.md",      "build",
        "data", // What the two commands write; not in the repository.
    };
    for (const auto& entry : fs::directory_iterator{root}) {
        const auto name = entry.path().filename().string();
        EXPECT_TRUE(name.starts_with('.') || known.contains(name)) << name;
    }
}

// An exception that nobody needs any more would let the next long file through.
TEST(Architecture, ExceptionsAreStillNeeded) {
    for (const auto& [path, reason] : long_files) {
        EXPECT_FALSE(reason.empty()) << path;
        EXPECT_GT(lines_of(root / path).size(), lines_max) << path;
    }
}

} // namespace
