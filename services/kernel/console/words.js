// The console's words in Japanese: its own by `data-ja`, Swagger UI's by what it writes in English.
"use strict";

const WORDS = {
  "Try it out": "試す", "Cancel": "やめる", "Reset": "元に戻す", "Execute": "実行する", "Clear": "消す", "Close": "閉じる",
  "Parameters": "パラメーター", "No parameters": "パラメーターはありません", "Name": "名前", "Description": "説明",
  "Request body": "リクエスト本文", "Responses": "レスポンス", "Response content type": "レスポンスの形式",
  "Code": "コード", "Details": "内容", "Links": "リンク", "No links": "リンクはありません", "Media type": "メディアタイプ",
  "Controls": "この指定は", "header.": "ヘッダーになります。", "Example Value": "例", "Example": "例", "Examples": "例", "Schema": "スキーマ",
  "Schemas": "スキーマ", "Edit Value": "編集", "Server response": "サーバーの応答", "Response body": "レスポンス本文",
  "Response headers": "レスポンスヘッダー", "Request URL": "リクエストのURL", "Request duration": "かかった時間",
  "Download": "ダウンロード", "Loading": "読み込んでいます", "LOADING": "読み込んでいます", "Loading...": "読み込んでいます…",
  "Servers": "サーバー", "Send empty value": "空の値を送る", "Undocumented": "仕様書にない応答", "Error": "エラー", "Failed to fetch.": "接続できませんでした。",
  "Authorize": "認証", "required": "必須", "deprecated": "非推奨", "Add string item": "値を追加", "Default value": "初期値",
  "Available values": "選べる値", "Copied!": "コピーしました",
};
const PREFIXES = { "Default value :": "初期値：", "Available values :": "選べる値：", "Example :": "例：", "Default value:": "初期値：", "Available values:": "選べる値：" };
const ATTRIBUTES = { "Filter by tag": "分類で絞り込む", "Copy to clipboard": "コピーする" };
const KEPT = "pre, code, textarea, .opblock-summary-path, .opblock-summary-description, .renderedMarkdown, .microlight, .parameter__name > span:not(.required)";

function inJapanese(text) {
  const said = text.trim(), word = WORDS[said];
  if (word) return text.replace(said, word);
  const prefix = Object.keys(PREFIXES).find(each => said.startsWith(each));
  return prefix ? text.replace(prefix, PREFIXES[prefix]) : text;
}

function translate(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(KEPT)) continue;
    const said = inJapanese(node.data);
    if (said !== node.data) node.data = said;
  }
  for (const name of ["placeholder", "title", "aria-label"]) {
    for (const each of root.querySelectorAll(`[${name}]`)) {
      const said = ATTRIBUTES[each.getAttribute(name)];
      if (said) each.setAttribute(name, said);
    }
  }
}

// Put the page into the language of the address, else of the browser; what Swagger UI writes later is put into it too.
function speak() {
  const asked = new URLSearchParams(location.search).get("lang");
  const language = asked === "ja" || asked === "en" ? asked : navigator.language.startsWith("ja") ? "ja" : "en";
  const other = document.getElementById("tongue");
  document.documentElement.lang = language;
  other.textContent = language === "ja" ? "English" : "日本語";
  other.lang = other.hreflang = language === "ja" ? "en" : "ja";
  other.href = `?lang=${other.lang}`;
  if (language !== "ja") return;
  document.querySelectorAll("[data-ja]").forEach(each => { each.textContent = each.dataset.ja; });
  document.querySelectorAll("[data-ja-placeholder]").forEach(each => { each.placeholder = each.dataset.jaPlaceholder; });
  document.querySelectorAll("[data-ja-label]").forEach(each => { each.setAttribute("aria-label", each.dataset.jaLabel); });
  const place = document.getElementById("console"), wanted = { childList: true, subtree: true, characterData: true };
  const watcher = new MutationObserver(() => {
    watcher.disconnect();
    translate(place);
    watcher.observe(place, wanted);
  });
  watcher.observe(place, wanted);
}

speak();
