// Prints what Kafka's own client makes of several hundred keys.

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

class Vectors {
    static final int[] COUNTS = {1, 8, 13, 64};

    public static void main(String[] arguments) {
        System.out.println("key_hex,murmur2,partition_of_1,partition_of_8,partition_of_13,partition_of_64");
        for (byte[] key : keys()) {
            final StringBuilder line = new StringBuilder(HexFormat.of().formatHex(key));
            line.append(',').append(Integer.toUnsignedLong(Utils.murmur2(key)));
            for (int count : COUNTS)
                line.append(',').append(BuiltInPartitioner.partitionForKey(key, count));
            System.out.println(line);
        }
    }

    static List<byte[]> keys() {
        final List<byte[]> keys = new ArrayList<>();
        for (String text : List.of("", "a", "deployment-0192f0c1-7b1c-7cc2-9d3f-0242ac120002",
                "payment-1", "reply/market-1/0", "grüße", "ключ", "鍵", "🔑", "e\u0301", "\0"))
            keys.add(text.getBytes(StandardCharsets.UTF_8));
        final Random random = new Random(20260101);
        // Every length around the hash's steps of four, with bytes of both signs.
        for (int length = 0; length <= 20; ++length)
            for (int i = 0; i < 15; ++i) {
                final byte[] key = new byte[length];
                random.nextBytes(key);
                keys.add(key);
            }
        for (int length : new int[] {63, 64, 65, 255, 1024}) {
            final byte[] key = new byte[length];
            random.nextBytes(key);
            keys.add(key);
        }
        for (int i = 0; i < 100; ++i)
            keys.add(("payment-" + i).getBytes(StandardCharsets.UTF_8));
        return keys;
    }
}
