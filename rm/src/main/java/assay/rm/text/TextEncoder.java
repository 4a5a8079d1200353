package assay.rm.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

public final class TextEncoder implements ConversationEncoder {
  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final LocalDate date;
  private final int bos;

  private TextEncoder(Tokenizer t, ChatTemplate c, LocalDate d) {
    tokenizer = t;
    template = c;
    date = d;
    int[] a = t.encode("a", true);
    int[] b = t.encode("a", false);
    bos = a.length > b.length && a[0] != b[0] ? a[0] : -1;
  }

  public static Optional<TextEncoder> load(Path folder, Optional<LocalDate> date) {
    if (!Files.exists(folder.resolve("tokenizer.json"))) return Optional.empty();
    return Optional.of(
        new TextEncoder(
            new Tokenizer(folder),
            ChatTemplate.load(folder).get(),
            date.orElse(LocalDate.now(java.time.ZoneId.systemDefault()))));
  }

  public String render(List<Message> m) {
    return template.text(m, false, date);
  }

  @Override
  public int[] encode(List<Message> conversation) {
    int[] ids = tokenizer.encode(render(conversation), false);
    if (bos < 0 || (ids.length > 0 && ids[0] == bos)) return ids;
    int[] r = new int[ids.length + 1];
    r[0] = bos;
    System.arraycopy(ids, 0, r, 1, ids.length);
    return r;
  }

  @Override
  public int[] encodeText(String text) {
    return tokenizer.encode(text, true);
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  public Optional<String> bosToken() {
    return bos < 0 ? Optional.empty() : Optional.of(tokenizer.token(bos));
  }

  public ChatTemplate template() {
    return template;
  }

  public Optional<String> templateDate() {
    return template.isDateDependent() ? Optional.of(date.toString()) : Optional.empty();
  }
}
