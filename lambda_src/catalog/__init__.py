"""The model catalog: names, prices and limits of the models on Amazon Bedrock."""
