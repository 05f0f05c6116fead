package dev.patronus.source.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.flow.Volume;
import dev.patronus.source.conntrack.ConntrackEntry.Counted;
import dev.patronus.source.conntrack.ConntrackMessage.Destroyed;
import dev.patronus.source.conntrack.ConntrackMessage.Done;
import dev.patronus.source.conntrack.ConntrackMessage.Malformed;
import dev.patronus.source.conntrack.ConntrackMessage.Present;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConntrackMessagesTest {
  /// A message of the kernel, and what another program made of it.
  private record Captured(String text, String digits) {
    byte[] bytes() {
      return HexFormat.of().parseHex(digits);
    }
  }

  private static List<Captured> captured() throws IOException {
    try (InputStream in = ConntrackMessagesTest.class.getResourceAsStream("kernel-6.18.hex")) {
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().skip(3).toList();
      List<Captured> captured = new ArrayList<>();
      for (int i = 0; i < lines.size(); i += 2) {
        captured.add(new Captured(lines.get(i).substring(2), lines.get(i + 1)));
      }
      return captured;
    }
  }

  private static List<ConntrackMessage> read(byte... bytes) {
    List<ConntrackMessage> messages = new ArrayList<>();
    ConntrackMessages.read(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), messages::add);
    return messages;
  }

  /// The entry that the text of the conntrack program means.
  private static ConntrackEntry entry(String text) {
    List<String> sources = all(text, "src=(\\S+)");
    List<String> types = all(text, "type=(\\d+)");
    int protocol = Integer.parseInt(all(text, "^ipv[46] \\d+ \\S+ (\\d+)").getFirst());
    int srcPort = types.isEmpty() ? Integer.parseInt(all(text, "sport=(\\d+)").getFirst()) : 0;
    int dstPort =
        types.isEmpty()
            ? Integer.parseInt(all(text, "dport=(\\d+)").getFirst())
            : Integer.parseInt(types.getFirst()) << 8;
    FlowKey original =
        FlowKey.of(
            IpAddress.parse(sources.getFirst()),
            srcPort,
            IpAddress.parse(all(text, "dst=(\\S+)").getFirst()),
            dstPort,
            protocol);
    return new ConntrackEntry(
        Integer.parseUnsignedInt(all(text, " id=(\\d+)$").getFirst()),
        all(text, "zone=(\\d+)").stream().mapToInt(Integer::parseInt).sum(),
        original,
        types.isEmpty() ? 0 : Integer.parseInt(types.getLast()) << 8,
        0,
        counted(text));
  }

  private static Optional<Counted> counted(String text) {
    List<String> packets = all(text, "packets=(\\d+)");
    List<String> bytes = all(text, "bytes=(\\d+)");
    return packets.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Counted(
                new Volume(Long.parseLong(packets.getFirst()), Long.parseLong(bytes.getFirst())),
                new Volume(Long.parseLong(packets.getLast()), Long.parseLong(bytes.getLast()))));
  }

  private static List<String> all(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(ConntrackMessagesTest::one)
        .toList();
  }

  private static String one(MatchResult found) {
    return found.group(1);
  }

  private static ConntrackEntry withoutStatus(ConntrackEntry entry) {
    return new ConntrackEntry(
        entry.id(), entry.zone(), entry.original(), entry.replyIcmp(), 0, entry.counted());
  }

  @Test
  void an_entry_is_what_the_conntrack_program_makes_of_it() throws IOException {
    int entries = 0;
    for (Captured message : captured()) {
      if (message.text().startsWith("ipv")) {
        Present present = (Present) read(message.bytes()).getFirst();
        assertEquals(entry(message.text()), withoutStatus(present.entry()), message.text());
        entries++;
      }
    }
    assertEquals(10, entries);
  }

  @Test
  void the_end_of_an_entry_has_its_last_counters() throws IOException {
    Destroyed end = (Destroyed) read(captured().getLast().bytes()).getFirst();
    FlowKey ping =
        FlowKey.of(IpAddress.parse("10.77.1.1"), 0, IpAddress.parse("10.77.2.1"), 2048, 1);
    assertEquals(ping, end.entry().original());
    assertEquals(0, end.entry().replyIcmp());
    Volume twice = new Volume(2, 168);
    assertEquals(Optional.of(new Counted(twice, twice)), end.entry().counted());
    assertTrue(end.entry().isDying());
  }

  @Test
  void a_table_ends_with_a_message_of_its_own() throws IOException {
    List<Captured> all = captured();
    assertEquals(List.of(new Done(0)), read(all.get(all.size() - 2).bytes()));
  }

  @Test
  void messages_follow_each_other_in_one_datagram() throws IOException {
    byte[] first = captured().getFirst().bytes();
    byte[] twice = Arrays.copyOf(first, 2 * first.length);
    System.arraycopy(first, 0, twice, first.length, first.length);
    assertEquals(2, read(twice).size());
  }

  @Test
  void a_refusal_has_its_reason() {
    byte[] refusal =
        HexFormat.of()
            .parseHex(
                "24000000 0200 0000 01000000 00000000 ffffffff".replace(" ", "") + "00".repeat(16));
    assertEquals(List.of(new ConntrackMessage.Answer(1)), read(refusal));
  }

  @Test
  void a_table_that_changed_its_size_meanwhile_says_so() {
    byte[] done = HexFormat.of().parseHex("14000000030012000700000000000000" + "00000000");
    assertEquals(List.of(new Done(ConntrackMessages.INTERRUPTED)), read(done));
  }

  @Test
  void the_request_asks_for_all_families() {
    ByteBuffer request = ByteBuffer.wrap(ConntrackMessages.dump(7)).order(ByteOrder.nativeOrder());
    assertEquals(20, request.getInt(0));
    assertEquals(0x0101, request.getShort(4));
    assertEquals(0x0301, request.getShort(6));
    assertEquals(7, request.getInt(8));
    assertEquals(0, request.get(16));
  }

  @Test
  void a_message_cut_anywhere_is_malformed() throws IOException {
    byte[] whole = captured().getFirst().bytes();
    for (int kept = 16; kept < whole.length; kept++) {
      assertEquals(List.of(new Malformed()), read(Arrays.copyOf(whole, kept)), "kept " + kept);
    }
  }

  @Test
  void keys_of_tunnels_are_no_ports() throws IOException {
    Captured udp = captured().get(4);
    byte[] gre = udp.bytes();
    String digits = udp.digits();
    for (int at = digits.indexOf("0500010011");
        at >= 0;
        at = digits.indexOf("0500010011", at + 1)) {
      gre[at / 2 + 4] = 47;
    }
    Present present = (Present) read(gre).getFirst();
    assertEquals(47, present.entry().original().protocol());
    assertEquals(0, present.entry().original().srcPort());
    assertEquals(0, present.entry().original().dstPort());
  }

  @Test
  void the_least_number_as_a_reason_is_a_reason() {
    byte[] refusal =
        ByteBuffer.allocate(20)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(20)
            .putShort((short) 2)
            .putInt(16, Integer.MIN_VALUE)
            .array();
    assertEquals(List.of(new ConntrackMessage.Answer(Integer.MAX_VALUE)), read(refusal));
  }

  @Test
  void any_bytes_have_an_answer() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<Captured> all = captured();
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = all.get(random.nextInt(all.size())).bytes();
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      try {
        read(cut);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }
}
