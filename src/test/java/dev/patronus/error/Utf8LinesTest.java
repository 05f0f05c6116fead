package dev.patronus.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Utf8LinesTest {
  private static Utf8Lines lines(byte... bytes) {
    return new Utf8Lines("patronus.conf", new ByteArrayInputStream(bytes));
  }

  private static Utf8Lines lines(String text) {
    return lines(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_byte_order_mark_at_the_beginning_is_no_part_of_the_first_line() throws IOException {
    Utf8Lines lines = lines("\ufeffgrün\r\nb\ufeff\n");
    assertEquals("grün", lines.next());
    assertEquals("b\ufeff", lines.next());
    assertEquals(2, lines.number());
    assertNull(lines.next());
  }

  @Test
  void a_line_that_is_not_utf_8_is_named_by_its_number() throws IOException {
    Utf8Lines lines = lines((byte) 'a', (byte) '\n', (byte) 0xfc);
    assertEquals("a", lines.next());
    UserError refused = assertThrows(UserError.class, lines::next);
    assertEquals("patronus.conf line 2 is not UTF-8; save the file as UTF-8", refused.getMessage());
    assertEquals(ExitCode.USAGE, refused.exitCode());
  }
}
