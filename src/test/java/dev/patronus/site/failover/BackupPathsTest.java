package dev.patronus.site.failover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackupPathsTest {
  private static BackupPaths list(String text) {
    return BackupPaths.parse(text).orElseThrow();
  }

  private static String without(String text, String... lost) {
    return list(text).without(Set.of(lost)).toString();
  }

  @Test
  void a_list_is_written_as_it_was_read() {
    for (String text :
        List.of("[]", "[ ]", "[\"7\"]", " [1 , \"2\",\n3 ] ", "[\"a\\\"b,]\", 12]", "[1.5e3]")) {
      assertEquals(text, list(text).toString());
    }
  }

  @Test
  void texts_and_numbers_name_paths_alike() {
    assertEquals(List.of("7", "12"), list("[\"7\", 12]").pathIds());
    assertEquals(List.of("12"), list("[\"7\", 12]").among(Set.of("12", "13")));
  }

  @Test
  void what_is_no_list_of_texts_and_numbers_cannot_be_read() {
    for (String text : List.of("", "7", "\"7\"", "{}", "[7", "[[7]]", "[null]", "[true]", "[{}]")) {
      assertEquals(Optional.empty(), BackupPaths.parse(text).map(BackupPaths::toString), text);
    }
  }

  @Test
  void the_paths_that_stay_keep_their_writing() {
    assertEquals("[\"1\",\"3\"]", without("[\"1\",\"2\",\"3\"]", "2"));
    assertEquals("[ \"2\",  3 ]", without("[ \"1\", \"2\",  3 ]", "1"));
    assertEquals("[1, 2]", without("[1, 2, 3]", "3"));
    assertEquals("[]", without("[\"1\",\"1\"]", "1"));
    assertEquals("[1, 2]", without("[1, 2]", "3"));
  }

  private static String withBack(String before, String after, String now) {
    return list(now).withBack(list(before), list(after)).toString();
  }

  @Test
  void lost_paths_come_back_to_their_places() {
    assertEquals("[\"1\",\"2\",\"3\"]", withBack("[\"1\",\"2\",\"3\"]", "[\"3\"]", "[\"3\"]"));
    assertEquals("[1, 2, 3]", withBack("[1, 2, 3]", "[1, 3]", "[1, 3]"));
    assertEquals("[1, 2]", withBack("[1, 2]", "[]", "[]"));
  }

  @Test
  void paths_that_came_meanwhile_stay() {
    assertEquals("[9,1,2,3]", withBack("[1,2,3]", "[1,3]", "[9,1,3]"));
    assertEquals("[9,2]", withBack("[1,2]", "[1]", "[9]"));
    assertEquals("[2,3,9]", withBack("[2,3]", "[3]", "[3,9]"));
  }

  @Test
  void a_lost_path_that_somebody_put_back_is_not_there_twice() {
    assertEquals("[2,1]", withBack("[1,2]", "[1]", "[2,1]"));
  }

  @Test
  void two_losses_can_be_undone_in_either_order() {
    String both = "[1, 2, 3]";
    String withoutOne = without(both, "1");
    String withoutTwoToo = without(withoutOne, "2");
    assertEquals(both, withBack(both, withoutOne, withBack(withoutOne, withoutTwoToo, "[3]")));
    assertEquals(both, withBack(withoutOne, withoutTwoToo, withBack(both, withoutOne, "[3]")));
  }
}
