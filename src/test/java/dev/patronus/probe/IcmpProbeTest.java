package dev.patronus.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class IcmpProbeTest {
  private static final long TOKEN = 0x0123_4567_89ab_cdefL;

  private static byte[] reply(boolean v4, int sequence) {
    byte[] message = IcmpProbe.request(v4, TOKEN, sequence);
    message[0] = (byte) (v4 ? 0 : 129);
    return message;
  }

  @Test
  void an_echo_request_has_type_identifier_sequence_and_64_bytes() {
    byte[] request = IcmpProbe.request(true, TOKEN, 0x1_0203);
    assertEquals(IcmpProbe.SIZE, request.length);
    // type 8, code 0, checksum, identifier, the lower 16 bits of the number, token, number
    assertEquals(
        "0800" + "XXXX" + "cdef" + "0203" + "0123456789abcdef" + "00010203",
        HexFormat.of().formatHex(request, 0, 20).replaceFirst("(?<=^0800)....", "XXXX"));
    assertEquals((byte) 128, IcmpProbe.request(false, TOKEN, 0)[0]);
  }

  @Test
  void the_checksum_over_a_whole_message_is_zero() {
    for (int sequence : new int[] {0, 1, 0xffff, Integer.MAX_VALUE}) {
      byte[] request = IcmpProbe.request(true, TOKEN, sequence);
      assertEquals(0, IcmpProbe.checksum(ByteBuffer.wrap(request)));
    }
  }

  @Test
  void the_checksum_is_that_of_the_example_in_rfc_1071() {
    byte[] example = HexFormat.of().parseHex("0001f203f4f5f6f7");
    assertEquals(~0xddf2 & 0xffff, IcmpProbe.checksum(ByteBuffer.wrap(example)));
  }

  @Test
  void a_reply_names_the_request_that_it_answers() {
    assertEquals(OptionalInt.of(70_000), IcmpProbe.answered(true, TOKEN, reply(true, 70_000)));
    assertEquals(OptionalInt.of(3), IcmpProbe.answered(false, TOKEN, reply(false, 3)));
  }

  @Test
  void other_messages_answer_nothing() {
    byte[] request = IcmpProbe.request(true, TOKEN, 3);
    assertEquals(OptionalInt.empty(), IcmpProbe.answered(true, TOKEN, request));
    assertEquals(OptionalInt.empty(), IcmpProbe.answered(true, TOKEN + 1, reply(true, 3)));
    assertEquals(OptionalInt.empty(), IcmpProbe.answered(false, TOKEN, reply(true, 3)));
    assertEquals(OptionalInt.empty(), IcmpProbe.answered(true, TOKEN));
    byte[] cut = Arrays.copyOf(reply(true, 3), 20);
    assertEquals(OptionalInt.empty(), IcmpProbe.answered(true, TOKEN, cut));
  }
}
