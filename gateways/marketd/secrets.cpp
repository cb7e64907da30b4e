#include "gateways/marketd/secrets.hpp"

#include <fstream>
#include <stdexcept>

namespace gateways::marketd {

std::vector<std::string> secrets_in(const std::filesystem::path& file) {
    std::ifstream stream{file};
    std::vector<std::string> secrets;
    for (std::string line; std::getline(stream, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (!line.empty()) secrets.push_back(std::move(line));
    }
    if (secrets.empty()) throw std::runtime_error{"no secret in " + file.string()};
    return secrets;
}

} // namespace gateways::marketd
