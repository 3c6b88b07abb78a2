// `@ai-sdk/bytedance` with `ai`, unchanged: a film by base URL and key. Prints what it got as JSON.
import { createByteDance } from "@ai-sdk/bytedance";
import { experimental_generateVideo as generateVideo } from "ai";

const [baseURL, apiKey] = process.argv.slice(2);
const { video, warnings, providerMetadata } = await generateVideo({
  model: createByteDance({ baseURL, apiKey }).video("seedance-1-0-pro-fast-251015"),
  prompt: "a cat in the sun",
  aspectRatio: "9:16",
  resolution: "480x864",
  duration: 2,
  seed: 7,
  providerOptions: { bytedance: { watermark: false, cameraFixed: true, pollIntervalMs: 300 } },
  // Its own download refuses addresses that are not public, and the service of this test is on this machine.
  download: async ({ url }) => {
    const answer = await fetch(url);
    return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get("content-type") };
  },
});
console.log(JSON.stringify({ type: video.mediaType, bytes: video.uint8Array.length, warnings, providerMetadata }));
