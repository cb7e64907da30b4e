// How RocksDB is set up for derived rows: written lazily in sorted chunks, read by whole keys,
// worth nothing that the log could not give again.

#pragma once

#include <rocksdb/options.h>

#include <cstddef>

namespace projections {

// `cache_bytes` bounds the blocks kept for reading and, once more, what waits in memory to be
// written.
rocksdb::Options rocksdb_options(std::size_t cache_bytes);

} // namespace projections
