package dev.patronus.collect.table;

import dev.patronus.flow.IpAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Numbers of 16 bits for the exporters of the live flows.
///
/// An exporter has a number while a flow has it, then the number is given to another. Beyond
/// [#LIMIT] exporters at a time, further ones are not known ([#NONE]).
///
/// Confined to one thread at a time.
final class ExporterNumbers {
  /// The number of a flow whose exporter is not known.
  static final int NONE = 0;

  private static final int LIMIT = 0xffff;

  private final Map<IpAddress, Integer> numbers = new HashMap<>();
  private final Deque<Integer> free = new ArrayDeque<>();
  private IpAddress[] addresses = new IpAddress[16];
  private int[] flows = new int[16];
  private int high = NONE;
  private @Nullable IpAddress latest;
  private int latestNumber = NONE;

  /// The number of an exporter; a new one is kept from the next [#move] to it on.
  ///
  /// @param exporter null if it is not known
  @SuppressWarnings("ReferenceEquality") // fast for the records of one datagram
  int of(@Nullable IpAddress exporter) {
    if (exporter != latest) {
      latestNumber = exporter == null ? NONE : find(exporter);
      latest = exporter;
    }
    return latestNumber;
  }

  private int find(IpAddress exporter) {
    Integer known = numbers.get(exporter);
    if (known != null) {
      return known;
    }
    if (free.isEmpty() && high == LIMIT) {
      return NONE;
    }
    int number = free.isEmpty() ? ++high : free.pop();
    if (number == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * number);
      flows = Arrays.copyOf(flows, 2 * number);
    }
    addresses[number] = exporter;
    numbers.put(exporter, number);
    return number;
  }

  /// Counts a flow to another exporter.
  void move(int from, int to) {
    if (to != NONE) {
      flows[to]++;
    }
    if (from != NONE && --flows[from] == 0) {
      numbers.remove(addresses[from]);
      addresses[from] = null;
      free.push(from);
      if (latestNumber == from) {
        latest = null;
        latestNumber = NONE;
      }
    }
  }

  /// The exporter of a number; null for [#NONE].
  IpAddress address(int number) {
    return addresses[number];
  }
}
