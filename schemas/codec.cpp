#include "schemas/codec.hpp"

namespace schemas {

DecodeError located(std::string_view where, DecodeError inner) {
    if (where.empty()) return inner;
    std::string path{where};
    if (!inner.where.empty() && inner.where.front() != '[') path += '.';
    inner.where.insert(0, path);
    return inner;
}

} // namespace schemas
