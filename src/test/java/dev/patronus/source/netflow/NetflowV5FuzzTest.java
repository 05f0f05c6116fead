package dev.patronus.source.netflow;

import static dev.patronus.source.netflow.Datagram.v5;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class NetflowV5FuzzTest {
  static Stream<byte[]> seeds() {
    Datagram one = v5(7).flow("10.0.0.1", 40000, "10.0.0.2", 443, 6, 10, 1500);
    Datagram two =
        v5(8)
            .sampling(0x4064)
            .flow("10.0.0.2", 443, "10.0.0.1", 40000, 6, 10, 1500)
            .flow("10.0.0.3", 0, "10.0.0.4", 0x0800, 1, 1, 84);
    return Stream.of(FuzzedDatagrams.of(one), FuzzedDatagrams.of(one, two, one));
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_datagrams_of_version_5_are_counted_or_dropped(byte[] input) {
    FuzzedDatagrams.read(5, input);
  }
}
