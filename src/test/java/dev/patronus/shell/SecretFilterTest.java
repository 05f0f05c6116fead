package dev.patronus.shell;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFilterTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x --password=hunter2",
        "x --api-key abc",
        "sql select 1 where token = 'abc'",
        "export PSK; preshared_key: abc",
        "curl -H 'Authorization: Bearer eyJhbGciOi'",
        "x https://anna:geheim@example.org/",
        "path show yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
        "-----BEGIN PRIVATE KEY-----",
      })
  void what_looks_like_a_secret_is_not_kept(String line) {
    assertFalse(SecretFilter.mayKeep(line));
  }

  @Test
  void a_line_that_begins_with_a_blank_is_not_kept() {
    assertFalse(SecretFilter.mayKeep(" site list"));
    assertFalse(SecretFilter.mayKeep("\tsite list"));
    assertFalse(SecretFilter.mayKeep(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "site show 7a109bcb-24e2-38e2-9799-3a7494b71919",
        "policy show 15013378409130906190",
        "policy explain 10.1.2.3 [2001:db8::1]:443",
        "export stats --since 2026-11-01T10:00+01:00 -f /tmp/week.csv.gz",
        "site list | include token",
        "daemon --source netflow://127.0.0.1:2055",
      })
  void what_admins_type_all_day_is_kept(String line) {
    assertTrue(SecretFilter.mayKeep(line));
  }
}
