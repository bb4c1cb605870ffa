//! Models and what is built around them. Sources: "API keys" or "Authentication" of Anthropic,
//! `OpenAI`, Hugging Face, Groq, Replicate, Perplexity, xAI, NVIDIA, Tavily, Pinecone, `LangSmith`
//! ("Create an account and API key"), `DeepL`, Fireworks, Together, `ElevenLabs` and the others.
//! See `mod.rs` for the lengths.

use super::{Rule, judged, medium, token, whole};
use crate::verify::mixed;

pub(super) const RULES: &[Rule] = &[
    token(
        "anthropic-key",
        "an Anthropic API key",
        &["sk-ant-"],
        r"[\w-]{20,}",
    ),
    whole(
        "openai-key",
        "an OpenAI API key",
        &["T3BlbkFJ"],
        r"\bsk-[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}",
    ),
    token(
        "openrouter-key",
        "an OpenRouter key",
        &["sk-or-v1-"],
        "[0-9a-f]{64}",
    ),
    token(
        "langfuse-key",
        "a Langfuse secret key",
        &["sk-lf-"],
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    ),
    medium(token(
        "openai-key",
        "an OpenAI-style API key",
        &["sk-"],
        r"(?:proj-|svcacct-|admin-|service-)?[\w-]{32,}",
    )),
    medium(token(
        "deepseek-key",
        "an OpenAI-style API key",
        &["sk-"],
        "[0-9a-f]{32}",
    )),
    whole(
        "deepl-key",
        "a DeepL API key",
        &[":fx"],
        r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:fx\b",
    ),
    whole(
        "fal-key",
        "a fal key",
        &[":"],
        r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{32}\b",
    ),
    token(
        "scrapfly-key",
        "a Scrapfly key",
        &["scp-live-", "scp-test-"],
        "[0-9a-f]{32}",
    ),
    token(
        "hugging-face-token",
        "a Hugging Face token",
        &["hf_", "api_org_"],
        "[A-Za-z0-9]{30,}",
    ),
    token("groq-key", "a Groq API key", &["gsk_"], "[A-Za-z0-9]{48,}"),
    token(
        "replicate-token",
        "a Replicate token",
        &["r8_"],
        r"[\w-]{37,40}",
    ),
    token(
        "perplexity-key",
        "a Perplexity API key",
        &["pplx-"],
        "[A-Za-z0-9]{40,64}",
    ),
    token("xai-key", "an xAI API key", &["xai-"], r"[\w-]{60,}"),
    token(
        "nvidia-key",
        "an NVIDIA API key",
        &["nvapi-"],
        r"[\w-]{40,}",
    ),
    token("tavily-key", "a Tavily API key", &["tvly-"], r"[\w-]{20,}"),
    token(
        "pinecone-key",
        "a Pinecone API key",
        &["pcsk_"],
        r"[A-Za-z0-9]{4,8}_[A-Za-z0-9]{40,}",
    ),
    token(
        "langsmith-key",
        "a LangSmith API key",
        &["lsv2_pt_", "lsv2_sk_"],
        "[0-9a-f]{32}_[0-9a-f]{10}",
    ),
    token(
        "langsmith-key",
        "a LangSmith API key",
        &["ls__"],
        "[0-9a-f]{32}",
    ),
    token(
        "llama-cloud-key",
        "a LlamaCloud API key",
        &["llx-"],
        "[A-Za-z0-9]{40,}",
    ),
    token(
        "fireworks-key",
        "a Fireworks AI key",
        &["fw_"],
        "[A-Za-z0-9]{20,}",
    ),
    token(
        "together-key",
        "a Together AI key",
        &["tgp_v1_"],
        r"[\w-]{40,}",
    ),
    token("cerebras-key", "a Cerebras key", &["csk-"], "[a-z0-9]{40,}"),
    token(
        "elevenlabs-key",
        "an ElevenLabs key",
        &["sk_"],
        "[0-9a-f]{48}",
    ),
    token("firecrawl-key", "a Firecrawl key", &["fc-"], "[0-9a-f]{32}"),
    medium(token(
        "modal-token",
        "a Modal token",
        &["ak-", "as-"],
        "[A-Za-z0-9]{22}",
    )),
    token("runpod-key", "a RunPod key", &["rpa_"], "[A-Za-z0-9]{40,}"),
    token("voyage-key", "a Voyage AI key", &["pa-"], r"[\w-]{43}"),
    token("jina-key", "a Jina AI key", &["jina_"], r"[\w-]{40,}"),
    token(
        "wandb-key",
        "a Weights & Biases key",
        &["wandb_v1_"],
        r"[\w-]{40,}",
    ),
    token("retell-key", "a Retell key", &["key_"], "[0-9a-f]{28,32}"),
    token("e2b-key", "an E2B key", &["e2b_"], "[0-9a-f]{40}"),
    token(
        "browserbase-key",
        "a Browserbase key",
        &["bb_live_", "bb_test_"],
        r"[\w-]{24,}",
    ),
    token(
        "helicone-key",
        "a Helicone key",
        &["sk-helicone-", "pk-helicone-"],
        r"[\w-]{24,}",
    ),
    token(
        "voiceflow-key",
        "a Voiceflow key",
        &["VF."],
        r"(?:(?:DM|WS)\.)?[0-9a-fA-F]{24}\.[A-Za-z0-9]{16}",
    ),
    medium(token(
        "dify-key",
        "a Dify key",
        &["app-", "dataset-"],
        "[A-Za-z0-9]{24}",
    )),
    token(
        "apify-token",
        "an Apify token",
        &["apify_api_"],
        "[A-Za-z0-9-]{36,}",
    ),
    token(
        "gretel-key",
        "a Gretel key",
        &["grtu", "grtp"],
        "[0-9a-f]{64}",
    ),
    judged(
        mixed,
        token(
            "stability-key",
            "a Stability AI key",
            &["sk-"],
            "[A-Za-z0-9]{48}",
        ),
    ),
];
