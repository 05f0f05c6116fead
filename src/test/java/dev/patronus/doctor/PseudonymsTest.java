package dev.patronus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PseudonymsTest {
  private final Pseudonyms pseudonyms = new Pseudonyms();

  @Test
  void an_address_has_one_pseudonym_however_it_is_written() {
    assertEquals("ip-1 ip-2 ip-1", pseudonyms.replace("10.1.2.3 10.1.2.4 10.1.2.3"));
    assertEquals("ip-1:2055 and ip-2/16.", pseudonyms.replace("10.1.2.3:2055 and 10.1.2.4/16."));
    assertEquals("ip-3", pseudonyms.replace("2001:db8::1"));
    assertEquals("[ip-3]:2055", pseudonyms.replace("[2001:DB8:0:0::1]:2055"));
  }

  @Test
  void what_names_nobody_stays() {
    String text =
        "127.0.0.1 0.0.0.0 [::1]:9469 at 10:46:03 on 2026-11-29T10:46:03Z, 1.2.3, dead:beef, a::, ::";
    assertEquals(text.replace("a::", "ip-1"), pseudonyms.replace(text));
  }

  @Test
  void a_name_is_replaced_as_a_word_and_the_longest_first() {
    pseudonyms.add("site", List.of("oslo", "oslo north"));
    pseudonyms.add("policy", List.of("web", "oslo"));
    assertEquals(
        "site-2, site-1; 'site-1' oslos site-1.db webhook policy-1",
        pseudonyms.replace("oslo north, oslo; 'oslo' oslos oslo.db webhook web"));
  }

  @Test
  void a_name_is_found_as_json_and_metrics_escape_it() {
    pseudonyms.add("policy", List.of("a \"b\"\\c\n"));
    assertEquals(
        "{\"name\":\"policy-1\"}", pseudonyms.replace("{\"name\":\"a \\\"b\\\"\\\\c\\n\"}"));
  }

  @Test
  void keys_and_hardware_addresses_are_replaced() {
    assertEquals(
        "key key-1 of mac-1",
        pseudonyms.replace(
            "key YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY= of 02:00:00:aa:bb:cc"));
  }
}
