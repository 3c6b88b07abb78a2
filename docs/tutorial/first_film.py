"""Your first film from Python, step by step. Start `kineo serve` in another terminal, then

    KINEO_API_KEY=kineo_… python docs/tutorial/first_film.py

Prints what it does; leaves two films in the folder it is run in. docs/tutorial/python.md tells the story.
"""

from kineograph import Client, ClientError, Task

PROMPT = "A cute kitten playing in the sunlight, fluffy fur, bright eyes"


def show(task: Task) -> None:
    """Told of every state on the way."""
    print(f"  {task.progress:3d} %  {task.phase or task.status}")


def main() -> None:
    """The tutorial."""
    # 1. Where the server is and which key to use come from KINEO_SERVER and KINEO_API_KEY,
    #    or from you: Client("https://films.example.org", "kineo_…").
    with Client() as client:
        print("models:", ", ".join(model.id for model in client.models()))

        # 2. What would it cost? Checks the whole request and makes nothing.
        wish = client.quote(PROMPT, duration=2, resolution="480p")
        print("costs:", "nothing" if wish.cost is None else f"{wish.cost} {wish.currency}")

        # 3. A film, from words to a file.
        film = client.generate(PROMPT, "kitten.mp4", duration=2, resolution="480p", seed=7, progress=show)
        print("made:", film.path, f"({film.task.width}×{film.task.height}, seed {film.task.seed})")

        # 4. Another one that begins with a picture of yours. Here: the still that the server made of the first film.
        still = film.task.video.thumbnail_url if film.task.video else None
        task = client.submit("petals falling with the wind", first_frame=still, duration=2, resolution="480p")
        print("waiting for:", task.id)
        task = client.wait(task, timeout=600)
        print("made:", client.download(task, "petals.mp4"))

        # 5. What you asked for so far, newest first.
        for task in client.list(limit=5):
            print("task:", task.id, task.status, task.prompt)

        # 6. Errors are one tree, and each says what to do.
        try:
            client.generate(PROMPT, duration=99)
        except ClientError as error:
            print("refused:", error)


if __name__ == "__main__":
    main()
