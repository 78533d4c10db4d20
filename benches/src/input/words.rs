//! The vocabulary of the generated messages.

/// What is traded.
pub const PRODUCTS: [&str; 12] = [
    "BTC-USD",
    "ETH-USD",
    "SOL-EUR",
    "ADA-USDT",
    "DOGE-USD",
    "XRP-EUR",
    "LTC-BTC",
    "DOT-USD",
    "AVAX-USDT",
    "LINK-EUR",
    "ATOM-USD",
    "UNI-GBP",
];

/// Who chats.
pub const USERS: [&str; 10] =
    ["mika", "анна", "김서연", "joão", "yuki_77", "حسن", "lea-marie", "थारा", "stefan", "王小明"];

/// Phrases in the languages of a busy public room; non-ASCII letters in most.
pub const PHRASES: [&str; 24] = [
    "おはようございます",
    "今日の試合見た？",
    "すごく楽しかった！",
    "また明日ね",
    "доброе утро всем",
    "кто сегодня играет?",
    "спасибо, очень помогло",
    "안녕하세요 여러분",
    "지금 방송 시작했어요",
    "대박이네요 ㅋㅋㅋ",
    "大家好，今天怎么样",
    "我也这么觉得",
    "太厉害了吧",
    "à quelle heure commence le stream ?",
    "c'était génial hier soir",
    "¿alguien sabe cómo se hace?",
    "mañana lo pruebo, gracias",
    "das läuft jetzt über den neuen Server",
    "schöne Grüße aus München",
    "صباح الخير جميعا",
    "नमस्ते दोस्तों",
    "lol ok",
    "see you at the meetup",
    "🎉🎉🔥",
];

/// Names in the state of an application.
pub const FIELDS: [&str; 16] = [
    "position",
    "velocity",
    "inventory",
    "health",
    "lastSeen",
    "displayName",
    "team",
    "status",
    "score",
    "items",
    "permissions",
    "cursor",
    "selection",
    "revision",
    "owner",
    "flags",
];

/// Plain English for values.
pub const WORDS: [&str; 20] = [
    "active", "waiting", "north", "harbour", "silver", "editor", "viewer", "pending", "closed", "forest",
    "signal", "window", "archive", "market", "orange", "player", "summer", "ready", "blocked", "remote",
];
