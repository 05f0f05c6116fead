package dev.patronus.policy.rule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.flow.FlowKey;
import dev.patronus.flow.IpAddress;
import dev.patronus.policy.PolicyId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static FlowKey flow(String src, int srcPort, String dst, int dstPort, int protocol) {
    return FlowKey.of(IpAddress.parse(src), srcPort, IpAddress.parse(dst), dstPort, protocol);
  }

  private static FlowKey from(String src) {
    String dst = src.contains(":") ? "2001:db8::99" : "192.0.2.99";
    return flow(src, 40000, dst, 443, FlowKey.TCP);
  }

  private static String complaint(String rules) {
    return assertInstanceOf(Invalid.class, Rules.read(rules)).message();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        """
        {"src_ip":null,"dst_ip":null,"src_port":null,"dst_port_range":null,\
        "protocol":null,"application_class":null}\
        """,
        "{\"a_later_field\":null}",
        "  { }\n"
      })
  void what_is_absent_or_null_matches_everything(String rules) {
    assertEquals(MatchRules.ALL, Rules.read(rules));
  }

  @Test
  void each_condition_must_fit() {
    Rules rules =
        Rules.read(
            """
            {"src_ip":"10.0.0.0/8","dst_ip":"192.0.2.1","src_port":5000,"dst_port_range":[80,443],\
            "protocol":6,"application_class":"Web"}\
            """);
    assertTrue(rules.matches(flow("10.1.2.3", 5000, "192.0.2.1", 443, 6)));
    assertFalse(rules.matches(flow("11.1.2.3", 5000, "192.0.2.1", 443, 6)));
    assertFalse(rules.matches(flow("10.1.2.3", 5000, "192.0.2.2", 443, 6)));
    assertFalse(rules.matches(flow("10.1.2.3", 5001, "192.0.2.1", 443, 6)));
    assertFalse(rules.matches(flow("10.1.2.3", 5000, "192.0.2.1", 444, 6)));
    assertFalse(rules.matches(flow("10.1.2.3", 5000, "192.0.2.1", 443, 17)));
    assertFalse(rules.matches(flow("10.1.2.3", 5000, "192.0.2.1", 442, 6)));
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.9.9.9, true",
    "10.1.2.3/8, 11.9.9.9, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 2001:db8::1, true",
    "::/0, 203.0.113.9, false",
    "::ffff:10.0.0.0/104, 10.9.9.9, true",
    "::ffff:10.0.0.0/104, 11.9.9.9, false",
    "10.0.0.0/8, ::ffff:10.1.1.1, true",
    "10.0.0.0/8, ::10.1.1.1, false",
    "::/1, 10.1.1.1, false",
    "2001:db8::1, 2001:db8::1, true",
    "2001:db8::1, 2001:db8::2, false",
    "2001:DB8::/32, 2001:db8:ffff::2, true",
    "10.0.0.1/32, 10.0.0.1, true",
    "10.0.0.0/31, 10.0.0.1, true",
    "10.0.0.0/31, 10.0.0.2, false",
  })
  void a_block_takes_the_addresses_of_its_own_kind(String block, String src, boolean taken) {
    assertEquals(taken, Rules.read("{\"src_ip\":\"" + block + "\"}").matches(from(src)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"src_ip\":\"10.0.0.0/33\"} | src_ip: prefix length must be 0..32, was '33' in '10.0.0.0/33'",
        "{\"dst_ip\":\"2001:db8::/129\"} | dst_ip: prefix length must be 0..128, was '129' in '2001:db8::/129'",
        "{\"src_ip\":\"office\"} | src_ip: not an IP address: 'office'",
        "{\"src_ip\":\"\"} | src_ip: not an IP address: ''",
        "{\"src_ip\":\"10.0.0.0/255.0.0.0\"} | src_ip: prefix length must be 0..32, was '255.0.0.0' in '10.0.0.0/255.0.0.0'",
        "{\"src_ip\":[\"10.0.0.1\"]} | src_ip: must be an address or CIDR block as text, is [\"10.0.0.1\"]",
        "{\"src_port\":65536} | src_port: must be a port from 0 to 65535, is 65536",
        "{\"src_port\":-1} | src_port: must be a port from 0 to 65535, is -1",
        "{\"src_port\":80.5} | src_port: must be a port from 0 to 65535, is 80.5",
        "{\"src_port\":\"80\"} | src_port: must be a port from 0 to 65535, is \"80\"",
        "{\"dst_port_range\":[443,80]} | dst_port_range: low 443 is above high 80",
        "{\"dst_port_range\":[80]} | dst_port_range: must be a list of two ports [low, high], is [80]",
        "{\"dst_port_range\":443} | dst_port_range: must be a list of two ports [low, high], is 443",
        "{\"dst_port_range\":[0,70000]} | dst_port_range: must be a port from 0 to 65535, is 70000",
        "{\"protocol\":256} | protocol: must be a protocol number from 0 to 255 (6 is tcp, 17 udp, 1 icmp), is 256",
        "{\"protocol\":\"tcp\"} | protocol: must be a protocol number from 0 to 255 (6 is tcp, 17 udp, 1 icmp), is \"tcp\"",
        "{\"application_class\":\"voip\"} | application_class: unknown class 'voip'; known are VoIP, VideoConference, Web, Email, FileTransfer, Database, Backup, Other",
        "{\"dst\\rport\":80} | unknown field 'dst\\u000dport'; known are src_ip, dst_ip, src_port, dst_port_range, protocol, application_class",
        "{\"dst_port\":80} | unknown field 'dst_port'; known are src_ip, dst_ip, src_port, dst_port_range, protocol, application_class",
        "{\"src_port\":99999,\"protocol\":300} | src_port: must be a port from 0 to 65535, is 99999; protocol: must be a protocol number from 0 to 255 (6 is tcp, 17 udp, 1 icmp), is 300",
        "[] | must be an object, is []",
        "null | must be an object, is null",
        "'' | not JSON: the text is empty",
      })
  void what_cannot_be_read_says_which_field_and_why(String rules, String complaint) {
    assertEquals(complaint, complaint(rules));
  }

  @Test
  void rules_that_are_no_JSON_say_where() {
    String complaint = complaint("{\"src_port\":80");
    assertEquals("not JSON: line 1, column ", complaint.substring(0, 25));
  }

  @Test
  void a_long_wrong_value_is_cut() {
    String complaint = complaint("{\"application_class\":\"" + "x".repeat(10_000) + "\"}");
    assertTrue(complaint.length() < 300, complaint);
  }

  @Test
  void unreadable_rules_take_nothing() {
    assertFalse(Rules.read("{\"src_ip\":\"10.0.0.0/33\"}").matches(from("10.0.0.1")));
  }

  @ParameterizedTest
  @CsvSource({
    "6, 5060, VoIP",
    "17, 5061, VoIP",
    "17, 16384, VoIP",
    "17, 32767, VoIP",
    "6, 16384, Other",
    "17, 19302, VoIP",
    "6, 19302, VideoConference",
    "6, 19311, Other",
    "17, 3478, VideoConference",
    "6, 8810, VideoConference",
    "6, 8811, Other",
    "6, 80, Web",
    "17, 443, Other",
    "6, 8443, Web",
    "6, 993, Email",
    "6, 21, FileTransfer",
    "6, 23, Other",
    "6, 445, FileTransfer",
    "6, 27017, Database",
    "6, 873, Backup",
    "6, 10999, Backup",
    "6, 11000, Other",
    "1, 2048, Other",
    "132, 80, Other",
  })
  void a_class_follows_from_protocol_and_port(int protocol, int dstPort, String name) {
    assertEquals(name, ApplicationClass.of(protocol, dstPort).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "\"LowestLatency\", LowestLatency",
    "\"HighestBandwidth\", HighestBandwidth",
    "\"LowestPacketLoss\", LowestPacketLoss",
    "\"LowestCost\", LowestCost",
  })
  void a_preference_is_read_by_its_name(String json, String name) {
    assertEquals(
        name, assertInstanceOf(PathPreference.Single.class, Preference.read(json)).toString());
  }

  @Test
  void custom_weights_are_read() {
    assertEquals(
        new PathPreference.Custom(0.5, 0.25, 0, 1, 2),
        Preference.read(
            """
            {"Custom":{"latency_weight":0.5,"jitter_weight":0.25,"loss_weight":0,\
            "bandwidth_weight":1,"cost_weight":2}}\
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "LowestLatency | line 1, column",
        "\"lowest_latency\" | unknown preference 'lowest_latency'; try LowestLatency",
        "7 | must be a name or {\"Custom\": {weights}}, is 7",
        "{\"Custom\":{\"latency_weight\":1}} | 'jitter_weight' is missing",
        "{\"Custom\":{\"speed\":1}} | unknown weight 'speed'",
        "{\"Custom\":[]} | 'Custom' must be an object, is []",
        "{\"Other\":{}} | must be a name or",
        "{\"Custom\":{\"latency_weight\":1e999,\"jitter_weight\":1,\"loss_weight\":1,\"bandwidth_weight\":1,\"cost_weight\":1}} | latency_weight must be finite",
      })
  void a_preference_that_cannot_be_read_says_why(String json, String complaint) {
    String found = assertInstanceOf(Invalid.class, Preference.read(json)).message();
    assertEquals(complaint, found.substring(0, Math.min(complaint.length(), found.length())));
  }

  @Test
  void ids_are_unsigned_text() {
    assertEquals("18446744073709551615", PolicyId.format(-1));
    assertEquals(-1, PolicyId.parse("18446744073709551615"));
    for (String text : new String[] {"", "-1", "+1", "18446744073709551616", "1e3", "١"}) {
      assertThrows(IllegalArgumentException.class, () -> PolicyId.parse(text), text);
    }
  }
}
