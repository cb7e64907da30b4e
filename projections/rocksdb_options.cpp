#include "projections/rocksdb_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>

namespace projections {

rocksdb::Options rocksdb_options(std::size_t cache_bytes) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = std::max<std::size_t>(cache_bytes / 2, 1 << 20);
    options.max_write_buffer_number = 2;
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.02;

    // Rows are rewritten while a payment is young and then lie still. Universal compaction
    // rewrites each a few times instead of once a level: a third of the CPU of all commands
    // went into level compaction before.
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.compaction_options_universal.size_ratio = 20;
    options.compaction_options_universal.max_size_amplification_percent = 300;
    options.level0_file_num_compaction_trigger = 24;
    options.level0_slowdown_writes_trigger = 80;
    options.level0_stop_writes_trigger = 120;
    options.compaction_readahead_size = 1 << 20;
    // Packed rows have little left to compress.
    options.compression = rocksdb::kNoCompression;
    options.max_background_jobs = 2;
    // Commands go first.
    options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
    options.env->LowerThreadPoolCPUPriority(rocksdb::Env::HIGH);

    options.keep_log_file_num = 2;
    options.max_open_files = 256;
    options.stats_dump_period_sec = 0;
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(cache_bytes);
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    // Filters stay with their open file: 10 bits a key. In the block cache a filter can be larger
    // than a shard of it, and then every look-up reads it again.
    table.cache_index_and_filter_blocks = false;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

} // namespace projections
