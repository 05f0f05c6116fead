package dev.patronus.doctor;

import dev.patronus.flow.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Replaces addresses, names and keys in texts by pseudonyms: `ip-1`, `site-2`, `key-1`.
///
/// One thing has one pseudonym in all texts. Addresses of the machine to itself (`127.0.0.1`,
/// `::1`) and the unspecified ones stay: they name nobody. A name is replaced where it stands as a
/// word; names are compared exactly. Not thread-safe.
public final class Pseudonyms {
  private static final Pattern V4 =
      Pattern.compile("(?<![\\w.])(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})(?![\\w.]*\\d)");
  private static final Pattern V6 =
      Pattern.compile("(?<![\\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?![\\w:])");
  private static final Pattern MAC =
      Pattern.compile("(?i)(?<![\\w:-])[0-9a-f]{2}([:-][0-9a-f]{2}){5}(?![\\w:-])");

  /// 32 bytes in Base64, as WireGuard writes its keys.
  private static final Pattern KEY = Pattern.compile("(?<![\\w+/])[\\w+/]{43}=(?![\\w+/=])");

  private final Map<String, String> names = new HashMap<>();
  private final TreeSet<Integer> lengths = new TreeSet<>(Comparator.reverseOrder());
  private final Map<String, String> others = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();

  /// Adds names of a kind; one that is known keeps its pseudonym.
  ///
  /// @param kind what the pseudonyms begin with: `site`
  public void add(String kind, Collection<String> more) {
    for (String name : more) {
      if (!name.isBlank() && !names.containsKey(name)) {
        String pseudonym = next(kind);
        for (String spelling : spellings(name)) {
          names.putIfAbsent(spelling, pseudonym);
          lengths.add(spelling.length());
        }
      }
    }
  }

  /// The name itself, and as JSON, and the text format of metrics, escape it.
  private static List<String> spellings(String name) {
    List<String> all = new ArrayList<>(List.of(name));
    String escaped = name.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    all.add(escaped);
    all.add(escaped.replace("\t", "\\t").replace("\r", "\\r"));
    return all;
  }

  private String next(String kind) {
    return kind + "-" + counts.merge(kind, 1, Integer::sum);
  }

  /// The text with pseudonyms.
  public String replace(String text) {
    String replaced = replaceNames(text);
    replaced = KEY.matcher(replaced).replaceAll(found -> other("key", found.group()));
    replaced = MAC.matcher(replaced).replaceAll(found -> other("mac", found.group()));
    replaced = V6.matcher(replaced).replaceAll(this::address);
    return V4.matcher(replaced).replaceAll(this::address);
  }

  private String replaceNames(String text) {
    StringBuilder replaced = new StringBuilder(text.length());
    int from = 0;
    while (from < text.length()) {
      int length =
          from > 0 && isWord(text, from - 1) && isWord(text, from) ? 0 : nameAt(text, from);
      if (length == 0) {
        replaced.append(text.charAt(from));
        from++;
      } else {
        replaced.append(names.get(text.substring(from, from + length)));
        from += length;
      }
    }
    return replaced.toString();
  }

  /// The length of the longest name that stands there; 0 if none does.
  private int nameAt(String text, int from) {
    for (int length : lengths) {
      int end = from + length;
      boolean ends =
          end == text.length()
              || (end < text.length() && !(isWord(text, end - 1) && isWord(text, end)));
      if (ends && names.containsKey(text.substring(from, end))) {
        return length;
      }
    }
    return 0;
  }

  private static boolean isWord(String text, int at) {
    return Character.isLetterOrDigit(text.charAt(at));
  }

  private String address(MatchResult found) {
    IpAddress address;
    try {
      address = IpAddress.parse(found.group());
    } catch (IllegalArgumentException _) {
      return found.group(); // a time, or a version with four numbers
    }
    String text = address.toString();
    boolean own =
        text.startsWith("127.")
            || text.equals("::1")
            || text.equals("::")
            || text.equals("0.0.0.0");
    return own ? found.group() : other("ip", text);
  }

  private String other(String kind, String text) {
    return others.computeIfAbsent(kind + " " + text, _ -> next(kind));
  }
}
