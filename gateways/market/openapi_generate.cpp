// openapi_generate EXAMPLES FILE: writes the description of all routes to FILE.

#include "gateways/market/openapi.hpp"

#include <cstdio>
#include <exception>
#include <fstream>

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: openapi_generate EXAMPLES FILE\n");
        return 2;
    }
    try {
        const std::string text = gateways::market::make_openapi(arguments[1]);
        std::ofstream file{arguments[2], std::ios::binary | std::ios::trunc};
        file.exceptions(std::ios::failbit | std::ios::badbit);
        file << text << std::flush;
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "openapi_generate: %s\n", error.what());
        return 1;
    }
}
