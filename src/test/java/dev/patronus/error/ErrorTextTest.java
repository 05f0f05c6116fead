package dev.patronus.error;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
  @Test
  void an_exception_without_a_message_has_the_name_of_its_kind() {
    assertEquals("IOException", ErrorText.of(new IOException()));
  }

  @Test
  void what_is_repeated_by_itself_gives_no_advice_to_try_again() {
    UserError busy = new UserError(ExitCode.BUSY, "the database is locked; try again");
    assertEquals("the database is locked", ErrorText.ofRepeated(busy));
  }
}
