/**
 * From conversations to token ids.
 *
 * <h2>The idea</h2>
 *
 * A reward model reads a list of token ids and gives a number at the last of them. People have
 * conversations. Between the two lie three steps, and each can go wrong without an error, only with
 * other rewards:
 *
 * <ol>
 *   <li>The {@link assay.rm.text.ChatTemplate} renders the turns as one text, with the model's own
 *       markers around them.
 *   <li>The {@link assay.rm.text.Tokenizer} cuts the text into tokens, some of which are those
 *       markers.
 *   <li>BOS, the token that begins a text, has to stand there once. Many templates print it and
 *       many tokenizers add it, so the simple way puts it twice, and a model that never saw two in
 *       training gives rewards that are off a little, always.
 * </ol>
 *
 * {@link assay.rm.text.TextEncoder} does the three in order and can {@linkplain
 * assay.rm.text.TextEncoder#explain show} what it did:
 *
 * <pre>{@code
 * TextEncoder encoder = TextEncoder.load(Path.of("models/reward"), Optional.empty()).orElseThrow();
 * List<Message> conversation =
 *     List.of(new Message("user", "What is 2+2?"), new Message("assistant", "4."));
 * int[] ids = encoder.encode(conversation);
 *
 * TextEncoder.Explanation explanation = encoder.explain(conversation);
 * explanation.text();                                   // "<s>user: What is 2+2?</s>assistant: 4.</s>"
 * explanation.tokens().get(explanation.readAt());       // "</s>"
 * }</pre>
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>Rendered text is tokenized without the post-processor</b>, and BOS is then added if it
 *       is missing and the post-processor would have put one. The usual alternatives, to let the
 *       post-processor work and cut a double BOS from the text or mask it, need to know what the
 *       template prints.
 *   <li><b>No EOS is added.</b> A template ends its last turn as the model was trained to end it;
 *       what comes after that the model has never seen. (Some trainers replace the last token by
 *       EOS. Their models need that written into their template.)
 *   <li><b>The day is an input.</b> Some templates print today's date, so their models would score
 *       a pair differently tomorrow. The day that a model was trained with is kept with it.
 *   <li><b>Templates run in {@linkplain assay.rm.text.jinja an interpreter of our own}</b>, because
 *       they are programs of strangers. The tokenizer, on the other hand, is data, and Hugging
 *       Face's own library reads it: there a second implementation could only be wrong.
 *   <li><b>Padding is chosen when a model is saved</b>, by {@link assay.rm.text.PadToken}, and
 *       never used. Programs that take the last token before the padding as the one to read depend
 *       on it.
 * </ul>
 */
package assay.rm.text;
