package dev.patronus.output.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.patronus.output.file.PartQueue.Part;
import dev.patronus.output.file.PartQueue.Producer;
import dev.patronus.output.file.PartQueue.ProducerFailed;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class PartQueueTest {
  private static void slice(Producer producer, int number, int bytes) {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) number);
    producer.begin(number);
    producer.write(content, 0, bytes);
    producer.endSlice(1, 0);
  }

  private static byte[] taken(PartQueue queue) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Part part = queue.take(); part != null; part = queue.take()) {
      all.write(part.bytes(), 0, part.length());
      part.release();
    }
    return all.toByteArray();
  }

  @Test
  void slices_come_in_order_whoever_made_them_first() throws Exception {
    PartQueue queue = new PartQueue();
    FutureTask<byte[]> all = new FutureTask<>(() -> taken(queue));
    Thread taker = new Thread(all);
    try (Producer one = queue.producer();
        Producer other = queue.producer()) {
      slice(other, 1, 3);
      slice(other, 2, 1);
      taker.start();
      while (taker.isAlive() && taker.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      slice(one, 0, 2);
    }
    assertArrayEquals(new byte[] {0, 0, 1, 1, 1, 2}, all.get());
  }

  @Test
  void a_producer_that_is_ahead_has_no_more_than_its_buffers() throws InterruptedException {
    PartQueue queue = new PartQueue();
    int large = 3 * PartQueue.BUFFERS * PartQueue.BUFFER_BYTES;
    Producer first = queue.producer();
    Producer second = queue.producer();
    Thread ahead =
        new Thread(() -> {
          try (second) {
            slice(second, 1, large);
          }
        });
    ahead.start();
    while (ahead.isAlive() && ahead.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertTrue(ahead.isAlive());
    try (first) {
      slice(first, 0, 1);
    }
    byte[] all = taken(queue);
    assertEquals(1 + large, all.length);
    assertEquals(0, all[0]);
    ahead.join();
  }

  @Test
  void the_taker_gets_what_a_producer_failed_with() throws InterruptedException {
    PartQueue queue = new PartQueue();
    RuntimeException cause = new RuntimeException("broken");
    try (Producer producer = queue.producer()) {
      slice(producer, 0, 1);
      queue.fail(cause);
    }
    assertSame(cause, assertThrows(ProducerFailed.class, queue::take).getCause());
  }

  @Test
  void without_producers_nothing_comes() throws InterruptedException {
    PartQueue queue = new PartQueue();
    queue.producer().close();
    assertNull(queue.take());
  }
}
