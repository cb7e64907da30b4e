// Transactions of small batches and a reader of them, until the time is over.

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class Warm {
    static final int PARTITIONS = 4;
    static final int BATCH = 64;

    public static void main(String[] arguments) throws Exception {
        final String brokers = arguments[0];
        final long end = System.nanoTime() + Long.parseLong(arguments[1]) * 1_000_000_000L;
        final String topic = "warm-" + UUID.randomUUID();
        final Map<String, Object> settings = Map.of("bootstrap.servers", brokers);
        try (Admin admin = Admin.create(settings)) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.of((short) 1))))
                .all().get();
            try {
                final long transactions = run(settings, topic, end);
                System.out.println("warm after " + transactions + " transactions");
            } finally {
                admin.deleteTopics(List.of(topic)).all().get();
            }
        }
    }

    static long run(Map<String, Object> common, String topic, long end) {
        final Map<String, Object> writing = new HashMap<>(common);
        writing.put("transactional.id", topic);
        final Map<String, Object> reading = new HashMap<>(common);
        reading.put("group.id", topic);
        reading.put("isolation.level", "read_committed");
        reading.put("enable.auto.commit", "false");
        reading.put("auto.offset.reset", "earliest");
        long transactions = 0;
        try (KafkaProducer<byte[], byte[]> producer =
                 new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer());
             KafkaConsumer<byte[], byte[]> consumer =
                 new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            producer.initTransactions();
            final byte[] value = new byte[300];
            while (System.nanoTime() < end) {
                producer.beginTransaction();
                for (int i = 0; i < BATCH; ++i)
                    producer.send(new ProducerRecord<>(topic, i % PARTITIONS, null, value));
                final Map<TopicPartition, OffsetAndMetadata> consumed = new HashMap<>();
                consumer.poll(Duration.ZERO).partitions();
                for (TopicPartition one : consumer.assignment())
                    consumed.put(one, new OffsetAndMetadata(consumer.position(one)));
                if (!consumed.isEmpty())
                    producer.sendOffsetsToTransaction(consumed, consumer.groupMetadata());
                producer.commitTransaction();
                ++transactions;
            }
        }
        return transactions;
    }
}
