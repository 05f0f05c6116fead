package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class ConntrackMessagesFuzzTest {
  static Stream<byte[]> seeds() throws IOException {
    try (InputStream in = ConntrackMessagesFuzzTest.class.getResourceAsStream("kernel-6.18.hex")) {
      List<byte[]> messages =
          new String(in.readAllBytes(), StandardCharsets.US_ASCII)
              .lines()
              .filter(line -> !line.isEmpty() && !line.startsWith("#"))
              .map(HexFormat.of()::parseHex)
              .toList();
      return messages.stream();
    }
  }

  @MethodSource("seeds")
  @FuzzTest
  void any_bytes_give_messages(byte[] input) {
    int[] messages = new int[1];
    ConntrackMessages.read(
        ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN),
        message -> {
          messages[0]++;
          check(message);
        });
    assertTrue(messages[0] <= 1 + input.length / 16, "more messages than there is room for");
  }

  private static void check(ConntrackMessage message) {
    switch (message) {
      case ConntrackMessage.Present(ConntrackEntry entry) -> check(entry);
      case ConntrackMessage.Destroyed(ConntrackEntry entry) -> check(entry);
      case ConntrackMessage.Done(int errno) -> assertTrue(errno >= 0, "reason " + errno);
      case ConntrackMessage.Answer(int errno) -> assertTrue(errno >= 0, "reason " + errno);
      case ConntrackMessage.Other _, ConntrackMessage.Malformed _ -> {}
    }
  }

  private static void check(ConntrackEntry entry) {
    assertTrue(entry.identity() % 2 == 0, "an identity is even");
    assertTrue(entry.zone() >= 0 && entry.zone() <= 0xffff, "zone " + entry.zone());
    assertTrue(entry.reply().protocol() == entry.original().protocol(), "one protocol");
  }
}
