// schemas_generate FOLDER: writes the JSON Schemas there, and removes those of types that are gone.

#include "schemas/schema_files.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

void generate(const fs::path& folder) {
    const auto files = schemas::schema_files();
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".json" && !files.contains(entry.path().filename()))
            fs::remove(entry.path());
    for (const auto& [name, text] : files) {
        std::ofstream file{folder / name, std::ios::binary | std::ios::trunc};
        file.exceptions(std::ios::failbit | std::ios::badbit);
        file << text << std::flush;
    }
    std::printf("%zu schemas in %s\n", files.size(), folder.c_str());
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: schemas_generate FOLDER\n");
        return 2;
    }
    try {
        generate(arguments[1]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "schemas_generate: %s\n", error.what());
        return 1;
    }
}
